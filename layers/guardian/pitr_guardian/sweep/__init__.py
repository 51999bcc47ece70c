"""The sweep: every table of a region is looked at, whether an event told of it or not.

It finds and reports; what is not in order goes to the enforcement queue like everything else.
"""
