"""What operators are told: what is wrong with the system, for how long, and that it is over."""
