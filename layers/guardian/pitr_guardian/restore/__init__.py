"""From a request to a finished table."""
