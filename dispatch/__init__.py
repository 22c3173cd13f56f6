"""The emergency: incidents, plans, candidates, waves, callouts, answers, conductor, API."""
