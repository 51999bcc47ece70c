"""What is told: facts, their words, announcements and measures."""
