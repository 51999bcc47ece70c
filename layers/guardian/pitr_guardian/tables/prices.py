"""Public prices of us-east-1, in USD; other regions cost up to half as much again."""

PRICES_AS_OF = "2026-11-25"
RESTORE_USD_PER_GB = 0.15
"""Restoring a table to an instant, per GB of table data; indexes are not counted."""
EXPORT_USD_PER_GB = 0.10
"""An incremental export, per GB of changes; and a full one, per GB of table data."""
SMALLEST_EXPORT = 10 * 2**20
"""Bytes that an incremental export is billed for at least."""
READ_USD_PER_MILLION = 0.125
"""On-demand read units; what is provisioned costs nothing more."""
GB = 1024**3
