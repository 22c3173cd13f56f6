"""Certificates: their kinds, the proof that people send, the verdict of an admin, and what of it counts at a moment."""
