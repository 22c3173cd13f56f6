"""The live stream: a process of its own that tells every open board what has changed, the moment it has."""
