"""What a table is: its reference, what is seen of it, its definition, and its policy by tags."""
