"""What everything stands on: instants, wire models, legible text, errors."""
