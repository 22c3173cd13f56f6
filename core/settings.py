"""Every setting of Doorstep, typed, in one place. They come from the environment or from `.env`."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import secrets
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.agency_settings import AgencyValues
from core.carrier_settings import TWILIO_API, AndroidAccount, CarrierAccount, CarrierValues
from core.operator_alert import Addresses, check_entries, read_entries
from core.retention_settings import RetentionValues

SIMULATED_SENDER = "+441632960112"
"""The number that the simulated carrier sends from; of the range that Ofcom keeps for fiction, like the demo people's."""
SIMULATED_SEGMENTS_PER_S = 1000.0
"""It takes texts as fast as they come unless it is told to be slow; TWILIO_SEGMENTS_PER_S makes a drill as slow as life."""
SIMULATED_CANARY = "+441632960113"
"""The simulated carrier's second number, which only canaries go to."""


class WrongSetting(Exception):
    """A setting that cannot be used; the text names it and says what is allowed."""


class Settings(AgencyValues, CarrierValues, RetentionValues, BaseSettings):
    """The settings of one installation. Field names are the lower-case names of the environment variables."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    data_dir: Path = Path("var")
    database_url: str | None = None
    redis_url: str | None = None
    public_url: str = "http://127.0.0.1:8000"
    live_url: str | None = None
    secret_key: str | None = None

    simulate: bool = False
    simulated_carrier_url: str = "http://127.0.0.1:8002"

    geocoder_url: str | None = None
    certificate_grace_days: int = Field(0, ge=0, le=90)
    coverage_per_km2: int = Field(10, ge=1, le=1000)
    """Volunteers per km² that cover an area: above 10 more people got a shock within 6 minutes (Stieglis 2020)."""
    most_alerts_in_7_days: int = Field(5, ge=1, le=100)
    rest_hours: int = Field(12, ge=0, le=168)
    metrics_token: str | None = None
    canary_to: str | None = Field(None, pattern=r"^\+[1-9][0-9]{4,14}$")
    operator_alert: Annotated[tuple[str, ...], NoDecode] = ()
    mail_server: str = "mailto://localhost"
    link_hours: int = Field(24, ge=1, le=168)
    privacy_notice_url: str | None = None

    @field_validator("operator_alert", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("operator_alert")
    @classmethod
    def _can_be_told(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        check_entries(value)
        return value

    @field_validator("mail_server")
    @classmethod
    def _is_mail_server(cls, value: str) -> str:
        if not value.startswith(("mailto://", "mailtos://")):
            raise ValueError("mailto://HOST:PORT or mailtos://USER:PASSWORD@HOST, as apprise writes it")
        return value

    @field_validator("public_url", "geocoder_url", "simulated_carrier_url", "privacy_notice_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("an address that begins with http:// or https://")
        return value.rstrip("/") if value else value

    @field_validator("live_url")
    @classmethod
    def _is_http_or_path(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://|/[^/]", value):
            raise ValueError("an address that begins with http:// or https://, or a path of the console's own address: /live")
        return value.rstrip("/") if value else value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgres://", "sqlite:///")):
            raise ValueError("postgresql://… or sqlite:///…")
        return value

    @property
    def certificate_grace(self) -> timedelta:
        """How long a certificate counts beyond its end."""
        return timedelta(days=self.certificate_grace_days)

    @property
    def simulating(self) -> bool:
        """Whether the other side of the wire is the simulated carrier. Only the banner, the phones page and the guard that
        keeps demo people and real carriers apart may ask."""
        return self.simulate or (self.twilio_account is None and self.android_account is None)

    @property
    def drafts_may_be_sent(self) -> bool:
        """Whether texts in a language that no native reader has approved yet may leave: only where no real phone gets them."""
        return self.simulating

    @cached_property
    def database(self) -> str:
        """The database's address; SQLite in the data folder unless DATABASE_URL says otherwise."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'doorstep.sqlite3'}"

    @cached_property
    def secret(self) -> bytes:
        """SECRET_KEY, or the key made once in the data folder."""
        return self.secret_key.encode() if self.secret_key else _secret_in(self.data_dir)

    @property
    def alert_addresses(self) -> Addresses:
        """Who is told when something is wrong, sorted by how they are reached."""
        return read_entries(self.operator_alert, self.mail_server)

    @property
    def canary_number(self) -> str | None:
        """Where canaries go: CANARY_TO, else the last of our own senders when there are two; None: there is nowhere to go."""
        if self.canary_to:
            return self.canary_to
        if self.simulating:
            return SIMULATED_CANARY
        senders = self.carrier.senders
        return senders[-1] if len(senders) > 1 else None

    @property
    def carrier(self) -> CarrierAccount:
        """The account that speaks Twilio's API on the other side of the wire: Twilio's, or the simulated carrier's, which
        shares our secret. One that nothing is signed with and nothing sent by when the Android gateway is the only carrier."""
        if self.simulating:
            token = hmac.new(self.secret, b"simulated carrier", hashlib.sha256).hexdigest()[:32]
            rate = self.twilio_segments_per_s or SIMULATED_SEGMENTS_PER_S
            url, voice_from = self.simulated_carrier_url, self.voice_from((SIMULATED_SENDER,), SIMULATED_SENDER)
            return CarrierAccount("AC" + token, (token,), url, (SIMULATED_SENDER,), segments_per_s=rate, voice_from=voice_from)
        return self.twilio_account or CarrierAccount("", (), TWILIO_API)

    @property
    def android_gateway(self) -> AndroidAccount | None:
        """The gateway phone, unless nothing may leave this machine."""
        return None if self.simulating else self.android_account


def _secret_in(folder: Path) -> bytes:
    """Read the folder's key, making it first if need be; two processes that start together end with the same one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret_key"
    if not path.exists():
        draft = folder / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_bytes()


def load(**overrides: object) -> Settings:
    """Read the settings; `overrides` win over the environment. A wrong one raises WrongSetting, naming it."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # the keyword names are checked by pydantic itself
    except ValidationError as error:
        raise WrongSetting("; ".join(_plain(problem) for problem in error.errors())) from error


def _plain(problem: object) -> str:
    assert isinstance(problem, dict)
    name = "_".join(str(part) for part in problem["loc"][:1]).upper()
    reason = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name}: {reason}" if name else reason
