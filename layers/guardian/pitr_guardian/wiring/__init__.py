"""Which adapter goes where: a module for each job, which imports what that job needs.

What they build is built once per execution environment, on first use.
"""
