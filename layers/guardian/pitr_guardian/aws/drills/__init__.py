"""What drills ask of AWS."""
