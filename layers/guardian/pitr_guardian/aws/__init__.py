"""Everything that speaks to AWS: adapters for ``ports``, over clients from one door."""
