"""Proving that a table can be restored: a copy is made, compared, measured and removed."""
