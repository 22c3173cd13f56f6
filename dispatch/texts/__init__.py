"""The texts that volunteers read: wordings as data (one TOML file a language), filled so that they keep to their segments."""
