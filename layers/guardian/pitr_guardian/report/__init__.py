"""The report of a sweep: what the parts and the ledger say, put in order, as a page and as data.

``page`` needs Jinja2, which only the report function ships; only ``wiring.report`` imports it.
"""
