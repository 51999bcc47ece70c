"""Adapters of ``pitr_guardian.undo``."""
