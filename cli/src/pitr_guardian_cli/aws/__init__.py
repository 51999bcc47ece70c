"""What the command line reads from AWS and asks of it."""
