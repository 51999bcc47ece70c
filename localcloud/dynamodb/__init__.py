"""DynamoDB as it is true in time: statuses, PITR, backups, restores."""
