"""What an admin does to many people at once: looked at first, then done one person at a time, and undone where that can be."""
