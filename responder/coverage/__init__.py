"""What lapses and departures do to the cover of each area, told so that no number speaks of fewer than five people."""
