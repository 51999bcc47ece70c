"""What a drill leaves behind: evidence for programs and people, each piece chained to the last."""
