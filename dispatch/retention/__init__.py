"""How long what tells of people is kept: rules as data, enforced by the clock, and done at once where somebody asks for it."""
