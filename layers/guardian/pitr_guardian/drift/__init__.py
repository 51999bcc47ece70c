"""From an event to a table put right and told of: read, look, decide, act, tell."""
