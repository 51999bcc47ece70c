"""The chapters of the story: each does something to the stack, tells it, and checks its claims."""

REACTION_SECONDS = 30.0
"""For any answer of the stack: cold starts of its functions, on a slow machine."""

SWEEP_SECONDS = 60.0
"""For a sweep: cold starts of four functions, one after the other."""
