"""ExportTableToPointInTime: a table's past, written to S3."""
