"""The command line of PITR Guardian."""

__version__ = "0.1.0"
