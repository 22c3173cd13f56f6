"""The dispatcher's desk: what the board shows, what a dispatcher can do, and the JSON that page and live stream read."""
