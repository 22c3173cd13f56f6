"""The people: responders, certifications, places, availability, consent."""
