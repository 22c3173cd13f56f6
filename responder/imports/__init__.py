"""Importing people from CSV files: read, checked, taken in a batch at a time, gone on with after a crash, and undone."""
