"""Settings of tables: limits, statuses and errors."""
