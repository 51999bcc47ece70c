"""The ledger on DynamoDB: what is remembered of tables, restores and sweeps."""
