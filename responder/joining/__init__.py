"""How somebody becomes a volunteer, and what they have agreed to."""
