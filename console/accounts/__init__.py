"""People who sign in: who they are, how they prove it, for how long they stay, and what stops those who guess."""
