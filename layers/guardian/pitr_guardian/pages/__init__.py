"""What the pages for people have in common: one frame and style, one ring, one way to say things.

``html`` needs Jinja2, which only the functions ship that write a page.
"""
