"""The commands: each reads its options, does its job, and shows what came of it."""
