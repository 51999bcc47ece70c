"""CloudTrail: records, who is in them, and trails that deliver them."""
