"""The enforcement queue."""
