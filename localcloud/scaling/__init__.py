"""Application Auto Scaling of DynamoDB, and the alarms that come with it."""
