"""Setting up a service and going live: the set-up link and page, the agency's settings, the list of what is still missing."""
