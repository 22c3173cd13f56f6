"""The settings by which an agency says who it is; `core.agency` keeps those that it gives on a page."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from core.words import fill

LANGUAGES = ("en", "sv", "fi")
LONGEST_ORGANISATION = 60
LONGEST_CONTACT_PHONE = 17
_CONTACT_PHONE = re.compile(r"[+0-9][0-9 ()/.-]*")
_zones = cache(available_timezones)  # which walks through the machine's files anew each time


class AgencyValues(BaseModel):
    """What an agency says about itself: from the environment, or else from its row in the database (`core.agency`)."""

    organisation: str = "Doorstep"
    contact_phone: str = "0400 123456"
    emergency_number: str = "112"
    default_region: str = "FI"
    languages: Annotated[tuple[str, ...], NoDecode] = LANGUAGES
    default_language: str = Field("en", validate_default=True)
    """One of `languages`, which is why it is read after them."""
    time_zone: str = "Europe/Helsinki"

    @field_validator("organisation")
    @classmethod
    def _is_one_line(cls, value: str) -> str:
        if not 1 <= len(value.strip()) <= LONGEST_ORGANISATION or not value.isprintable():
            raise ValueError(fill("a name of 1 to {most} characters on one line", most=LONGEST_ORGANISATION))
        return value.strip()

    @field_validator("emergency_number")
    @classmethod
    def _is_short_number(cls, value: str) -> str:
        if not re.fullmatch("[0-9]{2,6}", value):
            raise ValueError(fill("2 to 6 digits, such as 112"))
        return value

    @field_validator("contact_phone")
    @classmethod
    def _fits_in_a_text(cls, value: str) -> str:
        if not 3 <= len(value) <= LONGEST_CONTACT_PHONE or not _CONTACT_PHONE.fullmatch(value):
            raise ValueError(
                fill("a phone number of 3 to {most} characters, so that texts with it still fit", most=LONGEST_CONTACT_PHONE)
            )
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value not in _zones():
            raise ValueError(fill("a name such as Europe/Helsinki"))
        return value

    @field_validator("languages", mode="before")
    @classmethod
    def _are_languages(cls, value: object) -> object:
        given = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if not isinstance(given, (list, tuple)) or not given or not set(given) <= set(LANGUAGES):
            raise ValueError(fill("at least one of {languages}", languages=", ".join(LANGUAGES)))
        return tuple(language for language in LANGUAGES if language in given)

    @field_validator("default_language")
    @classmethod
    def _is_spoken(cls, value: str, read: ValidationInfo) -> str:
        spoken = read.data.get("languages", LANGUAGES)
        if value not in spoken:
            raise ValueError(fill("one of the languages that are in use: {languages}", languages=", ".join(spoken)))
        return value

    @field_validator("default_region")
    @classmethod
    def _is_region(cls, value: str) -> str:
        if value not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(fill("two capital letters of a country, such as FI"))
        return value

    @property
    def zone_info(self) -> ZoneInfo:
        """The agency's time zone."""
        return ZoneInfo(self.time_zone)
