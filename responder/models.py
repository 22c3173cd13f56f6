"""Tables of the people: responders, their certifications and places, and the narrow tables that choosing and searching read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKey, Index, LargeBinary, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship, validates

from core import clock
from core.database import Base
from geo.names import plain
from responder.care.models import CallBack
from sms.models import Contact

# Compared byte by byte everywhere, so that what begins with a prefix stands together whatever the database's language is.
_SORTABLE = String(200).with_variant(String(200, collation="C"), "postgresql")

FOOT, BIKE, CAR = "foot", "bike", "car"
TRANSPORTS = (FOOT, BIKE, CAR)
HOME, WORK = "home", "work"
ACTIVE, SUSPENDED, DEACTIVATED = "active", "suspended", "deactivated"


class Responder(Base):
    """A volunteer; once erased, an empty row that past callouts still count (`responder.erasure`).

    `account` is the name with which they sign in, where they are also one of those who run the service. Whoever is suspended or
    deactivated is asked for nothing, whatever they say or prove (`responder.membership`).
    """

    __tablename__ = "responders"
    __table_args__ = (
        UniqueConstraint("agency_id", "external_id"),
        UniqueConstraint("contact_id"),
        Index("ix_responders_sort_name", "agency_id", "sort_name", "id"),
        # The other two orders of the list. Whoever is to be asked whether they are still there is found by `said_on_at` alone.
        Index("ix_responders_newest", "agency_id", "id"),
        Index("ix_responders_unheard", "agency_id", "said_on_at", "id"),
        Index("ix_responders_membership", "agency_id", "membership", "sort_name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(default=1)
    external_id: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    sort_name: Mapped[str] = mapped_column(_SORTABLE)
    revision: Mapped[int] = mapped_column(default=1)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    transport: Mapped[str] = mapped_column(String(4), default=FOOT)
    night_alerts: Mapped[bool] = mapped_column(default=False)
    calls: Mapped[bool] = mapped_column(default=False)
    consent_at: Mapped[datetime | None]
    off_until: Mapped[datetime | None]
    membership: Mapped[str] = mapped_column(String(12), default=ACTIVE)

    # Asking whether they are still there (`responder.still_there`). `off_since`: when they said the OFF that holds;
    # `off_asked_at`: when they were asked about one that has no end. `said_on_at`: when they last said that they are there;
    # `asked_on_at`: when they were asked since then; `left_alone_at`: when they wrote, in words, that they want no more texts.
    off_since: Mapped[datetime | None] = mapped_column(index=True)
    off_asked_at: Mapped[datetime | None]
    said_on_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    asked_on_at: Mapped[datetime | None] = mapped_column(index=True)
    left_alone_at: Mapped[datetime | None]

    # How much is asked of them (`responder.care.sparing`). `most_alerts`: the most alerts in 7 days that they wish, None for
    # any number; `full_until`: until when they have had as many; `spared_until`: until when others are asked before them.
    most_alerts: Mapped[int | None]
    full_until: Mapped[datetime | None]
    spared_until: Mapped[datetime | None]

    created_at: Mapped[datetime]
    erase_requested_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    account: Mapped[str | None] = mapped_column(String(80))

    waits_for_a_call: Mapped[bool] = column_property(
        id.in_(select(CallBack.responder_id).where(CallBack.done_at.is_(None), CallBack.holds)), deferred=True
    )
    """Whether they asked to be rung, nobody has rung yet, and they have not said ON since: they are asked nothing meanwhile."""

    contact: Mapped[Contact] = relationship(lazy="joined", innerjoin=True)
    certifications: Mapped[list[Certification]] = relationship(cascade="all, delete-orphan")
    places: Mapped[list[Place]] = relationship(cascade="all, delete-orphan")

    @validates("name")
    def _sort_by(self, _key: str, name: str) -> str:
        self.sort_name = plain(name)[:200]
        return name


class MembershipChange(Base):
    """When somebody was suspended, deactivated or taken back, by whom and why. The words go when the person is erased."""

    __tablename__ = "membership_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    membership: Mapped[str] = mapped_column(String(12))
    because: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(120))


class PersonWord(Base):
    """What a person is found by: the plain words of their name and id, and the digits of their phone (`responder.search`)."""

    __tablename__ = "person_words"
    __table_args__ = (Index("ix_person_words_responder_id", "responder_id"), {"sqlite_with_rowid": False})

    word: Mapped[str] = mapped_column(_SORTABLE, primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"), primary_key=True)


class Certification(Base):
    """A responder's proof of one type. It counts while verified and not past its end; no flag is ever kept for that.

    `expires_at` is the last second that it counts, `issued_at` the first of its day, both by the agency's own clock.
    `submitted_at` is when it began to wait for a verdict (None where a list vouched for it), `sent_by` who sent it to be looked
    at: the person, or an admin for them; None for one that came with a list of people, which the list alone says more of.
    """

    __tablename__ = "certifications"
    __table_args__ = (
        Index(
            "ix_certifications_waiting",
            "id",
            sqlite_where=text("verified_at IS NULL AND rejected_at IS NULL"),
            postgresql_where=text("verified_at IS NULL AND rejected_at IS NULL"),
        ),
        Index("ix_certifications_expires_at", "expires_at"),
        Index("ix_certifications_number", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(String(40))
    number: Mapped[str | None] = mapped_column(String(80))
    issuer: Mapped[str | None] = mapped_column(String(120))
    issued_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[str | None] = mapped_column(String(120))
    submitted_at: Mapped[datetime | None]
    sent_by: Mapped[str | None] = mapped_column(String(120))
    rejected_at: Mapped[datetime | None]
    rejected_by: Mapped[str | None] = mapped_column(String(120))
    rejected_because: Mapped[str | None] = mapped_column(String(160))

    @property
    def is_of_the_queue(self) -> bool:
        """Whether it was sent to be looked at and is not accepted: no list of people knows of it, or may drop it."""
        return self.sent_by is not None and self.verified_at is None

    @property
    def is_judged(self) -> bool:
        """Whether somebody has looked at the proof and accepted it. What a list verified has never waited (`submitted_at`)."""
        return self.submitted_at is not None and self.verified_at is not None


class Place(Base):
    """Where a responder can be, with the weekly hours it holds for (OSM opening_hours).

    Without hours a home holds at all hours but those of the work place; a work place always has hours.
    """

    __tablename__ = "places"
    __table_args__ = (UniqueConstraint("responder_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    responder_id: Mapped[int] = mapped_column(ForeignKey("responders.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    address: Mapped[str | None] = mapped_column(String(200))
    hours: Mapped[str | None] = mapped_column(String(300))


class ReachablePlace(Base):
    """One place of one responder with everything that the choice compares, in one narrow row clustered by map cell.

    Made anew from the tables above whenever one of them changes (`responder.index.refresh`). It holds dates, never
    verdicts: a lapse or the end of an OFF takes effect the second it comes, without any job. Moments are epoch seconds,
    `hours` a packed `responder.hours.Week` (None: always), `certified` what `responder.rules.pack_certified` wrote.
    """

    __tablename__ = "reachable_places"
    __table_args__ = (
        Index("ix_reachable_places_cell8", "cell8"),
        Index("ix_reachable_places_responder_id", "responder_id"),
        {"sqlite_with_rowid": False},
    )

    cell10: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cell8: Mapped[int] = mapped_column(BigInteger)
    agency_id: Mapped[int]
    responder_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    transport: Mapped[str] = mapped_column(String(4))
    night_alerts: Mapped[bool]
    hours: Mapped[bytes | None] = mapped_column(LargeBinary)
    consented: Mapped[bool]
    opted_out: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)
    off_until: Mapped[int] = mapped_column(BigInteger)
    """Also of whoever waits for a call, or has had as many alerts as they wish."""
    certified: Mapped[str]
    spared_until: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Until then others are asked first; no rule speaks against asking this person."""
