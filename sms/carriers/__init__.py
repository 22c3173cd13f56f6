"""The carriers side by side: as whom a text is sent, how fast, which one is well, and what takes its place when it is not."""
