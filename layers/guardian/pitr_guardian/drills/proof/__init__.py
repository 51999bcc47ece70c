"""Whether a copy is right: history, sample, comparison, structure, measures, and what it proves."""
