"""Answers: what a volunteer texts, what it means (`grammar`), and what is done about it."""
