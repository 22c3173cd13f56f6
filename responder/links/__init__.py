"""The link to one's own page: sent by text, opened once, alive for a day, bound to the number it was sent to."""
