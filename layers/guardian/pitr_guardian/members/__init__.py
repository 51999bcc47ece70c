"""The other accounts and regions that a guardian looks after: who is heard of, and who isn't."""
