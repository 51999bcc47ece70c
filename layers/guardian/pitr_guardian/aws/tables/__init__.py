"""DynamoDB tables and the backups of dead ones."""
