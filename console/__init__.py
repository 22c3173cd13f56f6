"""The web shell: app factory, keys, access rules, health, static files."""
