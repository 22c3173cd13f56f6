"""The settings of the carriers: who takes our texts, as whom we send, and how fast each sender may."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_settings import NoDecode

TWILIO_API = "https://api.twilio.com"
NO_VOICE = "none"
"""TWILIO_VOICE_FROM of an installation that rings nobody, e.g. because its numbers take no voice."""


@dataclass(frozen=True)
class CarrierAccount:
    """What the gateway needs to know about the other side of the wire. `segments_per_s` is what each sender may send; None
    leaves it to the kind of number."""

    account_sid: str
    auth_tokens: tuple[str, ...]
    base_url: str
    senders: tuple[str, ...] = ()
    messaging_service_sid: str | None = None
    api_key: tuple[str, str] | None = None
    segments_per_s: float | None = None
    voice_from: str | None = None
    """The number that calls come from; None: voice is off."""


@dataclass(frozen=True)
class AndroidAccount:
    """A phone with the Android SMS gateway on it. `signing_keys` are what its webhooks are signed with."""

    base_url: str
    user: str
    password: str
    signing_keys: tuple[str, ...]
    number: str
    segments_per_s: float


class CarrierValues(BaseModel):
    """What the environment says about carriers. Either may be the only one; with both, Twilio goes first."""

    twilio_account_sid: str | None = Field(None, pattern="^AC[0-9a-fA-F]{32}$")
    twilio_auth_token: Annotated[tuple[str, ...], NoDecode] = Field((), max_length=2)
    twilio_api_key_sid: str | None = None
    twilio_api_key_secret: str | None = None
    twilio_messaging_service_sid: str | None = None
    twilio_from: Annotated[tuple[str, ...], NoDecode] = ()
    twilio_voice_from: str | None = None
    twilio_base_url: str = TWILIO_API
    twilio_segments_per_s: float | None = Field(None, gt=0, le=10_000)

    android_gateway_url: str | None = None
    android_gateway_user: str | None = None
    android_gateway_password: str | None = None
    android_gateway_signing_key: Annotated[tuple[str, ...], NoDecode] = Field((), max_length=2)
    android_gateway_number: str | None = Field(None, pattern=r"^\+[1-9][0-9]{5,14}$")
    # A phone hands about one text a second to the network; what its SIM's contract allows in an hour is another matter.
    android_gateway_segments_per_s: float = Field(1.0, gt=0, le=100)

    @field_validator("twilio_auth_token", "twilio_from", "android_gateway_signing_key", mode="before")
    @classmethod
    def _parts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("twilio_voice_from")
    @classmethod
    def _is_number_or_none(cls, value: str | None) -> str | None:
        if value is not None and value != NO_VOICE and not re.fullmatch(r"\+[1-9][0-9]{4,14}", value):
            raise ValueError(f"a phone number of the account that begins with +, or {NO_VOICE}: nobody is rung")
        return value

    @field_validator("twilio_base_url", "android_gateway_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("an address that begins with http:// or https://")
        return value.rstrip("/") if value else value

    @model_validator(mode="after")
    def _twilio_is_whole(self) -> CarrierValues:
        if self.twilio_account_sid and not self.twilio_auth_token:
            raise ValueError("TWILIO_AUTH_TOKEN: needed with TWILIO_ACCOUNT_SID (webhooks are signed with it)")
        if self.twilio_account_sid and not (self.twilio_from or self.twilio_messaging_service_sid):
            raise ValueError("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID: one of them is needed to send")
        if bool(self.twilio_api_key_sid) != bool(self.twilio_api_key_secret):
            raise ValueError("TWILIO_API_KEY_SECRET: goes together with TWILIO_API_KEY_SID")
        return self

    @model_validator(mode="after")
    def _android_is_whole(self) -> CarrierValues:
        if self.android_gateway_url:
            needed = ("user", "password", "signing_key", "number")
            for name in (f"android_gateway_{part}" for part in needed):
                if not getattr(self, name):
                    raise ValueError(f"{name.upper()}: needed with ANDROID_GATEWAY_URL")
        return self

    @property
    def twilio_account(self) -> CarrierAccount | None:
        """The account at Twilio; None when there is none."""
        if self.twilio_account_sid is None:
            return None
        key = (self.twilio_api_key_sid, self.twilio_api_key_secret)
        return CarrierAccount(
            self.twilio_account_sid,
            self.twilio_auth_token,
            self.twilio_base_url,
            self.twilio_from,
            self.twilio_messaging_service_sid,
            (key[0], key[1]) if key[0] and key[1] else None,
            self.twilio_segments_per_s,
            self.voice_from(self.twilio_from, self.twilio_voice_from),
        )

    def voice_from(self, senders: tuple[str, ...], chosen: str | None) -> str | None:
        """The number to ring from: the chosen one, else the first that begins as a phone number does (a name rings nobody)."""
        if self.twilio_voice_from == NO_VOICE:
            return None
        return chosen or next((sender for sender in senders if sender.startswith("+")), None)

    @property
    def android_account(self) -> AndroidAccount | None:
        """The gateway phone; None when there is none."""
        url, user, password = self.android_gateway_url, self.android_gateway_user, self.android_gateway_password
        if not (url and user and password and self.android_gateway_number):
            return None
        keys, number = self.android_gateway_signing_key, self.android_gateway_number
        return AndroidAccount(url, user, password, keys, number, self.android_gateway_segments_per_s)
