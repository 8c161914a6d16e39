"""What the programme says, as data and as mathematics."""
