"""The drill functions' part: a module for those that import the same, which a cold start pays."""
