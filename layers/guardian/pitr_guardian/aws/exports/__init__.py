"""Adapters of ``pitr_guardian.exports``."""
