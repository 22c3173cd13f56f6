"""The HTTP API v1 of the emergency: programs report, correct, follow and end incidents."""
