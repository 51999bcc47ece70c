"""Repairs of MiniStack, each with its reason."""
