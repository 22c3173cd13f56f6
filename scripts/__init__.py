"""What people run: start, test, manage, bench."""
