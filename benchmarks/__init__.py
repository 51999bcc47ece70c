"""Measures the guardian side by side with what one would use instead."""
