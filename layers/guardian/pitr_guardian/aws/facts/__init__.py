"""The fact bus and the alert topic."""
