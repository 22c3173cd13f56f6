"""The settings of how long things about people are kept; `dispatch.retention` does what they say."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, Field


class RetentionValues(BaseModel):
    """How long what is kept about people stays here, and what we said stays at the carrier."""

    evidence_days: int = Field(90, ge=1, le=3650)
    caller_days: int = Field(90, ge=1, le=3650)
    text_days: int = Field(90, ge=1, le=3650)
    care_days: int = Field(90, ge=1, le=3650)
    carrier_text_hours: int = Field(24, ge=1, le=2160)

    @property
    def evidence_kept(self) -> timedelta:
        """How long the picture of a certificate is kept after the verdict on it."""
        return timedelta(days=self.evidence_days)

    @property
    def caller_kept(self) -> timedelta:
        """How long after its close an emergency keeps the caller's number, the notes and the exact place."""
        return timedelta(days=self.caller_days)

    @property
    def texts_kept(self) -> timedelta:
        """How long the words of a text are kept, and the number it went to or came from."""
        return timedelta(days=self.text_days)

    @property
    def care_kept(self) -> timedelta:
        """How long it is kept what was said in a call with a volunteer, and what they answered to how they are."""
        return timedelta(days=self.care_days)

    @property
    def carrier_texts_kept(self) -> timedelta:
        """How long the words of a text stay at the carrier after the close of its emergency, or after a text about none."""
        return timedelta(hours=self.carrier_text_hours)
