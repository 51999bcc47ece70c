"""`make deploy`: builds, checks what was built, and deploys it with the SAM CLI."""
