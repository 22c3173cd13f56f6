"""Looking after the people themselves: who was asked how they are, what they said, and whom somebody has to ring."""
