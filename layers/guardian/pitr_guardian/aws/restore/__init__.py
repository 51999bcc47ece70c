"""Restores on DynamoDB, Step Functions, KMS and S3."""
