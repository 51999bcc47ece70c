"""Putting back only what broke, in the live table: plan, approve, apply, verify."""
