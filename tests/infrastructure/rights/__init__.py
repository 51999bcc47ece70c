"""What each role needs, read from the code and the workflows, and what the template grants it."""
