"""Ground floor: settings, database, clock, queue, event log, translations. No business word lives here."""
