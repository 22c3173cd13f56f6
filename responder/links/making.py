"""Making a link, and opening it: once, by whoever holds the phone."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.settings import Settings
from responder import availability
from responder.links.models import PersonalLink
from responder.models import Responder
from sms.models import Contact

PATH = "/m/"
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Without those that one reads as another: somebody may type a link from one phone into another."""
TOKEN_LENGTH = 10
"""Of 57 letters: 58 random bits that live for a day and can be tried only here, in a text of 160 characters that also says what
the link is for. At a thousand tries a second, all day, one of ten thousand open links falls once in a thousand years."""
KEPT = timedelta(days=30)
"""How long the row of a link stays, so that a page can say in the person's language that it has ended."""
_CODE = re.compile(r"\A\d{6}(?= )")
_IN_A_TEXT = re.compile(rf"(https?://\S*{PATH})[{_LETTERS}]{{{TOKEN_LENGTH}}}")


def make_link(session: Session, settings: Settings, responder: Responder, leaves_at: datetime | None = None) -> str:
    """A new link to the person's own page, for a text to the number they have now. It is good for LINK_HOURS from when the
    text leaves: `leaves_at`, or now. Earlier ones stay good to their own end."""
    now = clock.now()
    token = "".join(secrets.choice(_LETTERS) for _ in range(TOKEN_LENGTH))
    session.add(
        PersonalLink(
            responder_id=responder.id,
            phone=responder.contact.phone,
            token_hash=digest(token),
            created_at=now,
            expires_at=(leaves_at or now) + timedelta(hours=settings.link_hours),
        )
    )
    events.record(session, "personal_link_made", responder_id=responder.id)
    return f"{settings.public_url}{PATH}{token}"


def can_be_opened(session: Session, token: str) -> bool:
    """Whether this link opens a page now. To look at it, as phones do for a preview, changes nothing."""
    return session.scalar(select(PersonalLink.id).where(*_good(token))) is not None


def language_of(session: Session, token: str) -> str | None:
    """The language of whoever a link was made for, also when it has ended; None for one that never was."""
    return language_where(session, PersonalLink.token_hash == digest(token))


def language_where(session: Session, link: ColumnElement[bool]) -> str | None:
    """The language of whoever the link that is told so was made for; None where there is none."""
    wanted = (
        select(Contact.language)
        .join(Responder, Responder.contact_id == Contact.id)
        .join(PersonalLink, PersonalLink.responder_id == Responder.id)
        .where(link)
    )
    return session.scalar(wanted)


def open_link(session: Session, token: str) -> str | None:
    """Open a link: returns the cookie of the visit it begins, which nobody can read again; None when it is not good any more.
    Of two who press at once the second gets None."""
    cookie, now = secrets.token_urlsafe(32), clock.now()
    opened = session.scalar(
        update(PersonalLink)
        .where(*_good(token))
        .values(opened_at=now, seen_at=now, cookie_hash=digest(cookie))
        .returning(PersonalLink.responder_id)
        .execution_options(synchronize_session=False)
    )
    if opened is None:
        return None
    availability.note_sign(session, session.get_one(Responder, opened))
    events.record(session, "personal_link_opened", f"responder:{opened}", responder_id=opened)
    return cookie


def forget(session: Session, responder_id: int) -> None:
    """End every link and visit of a person who is erased."""
    session.execute(delete(PersonalLink).where(PersonalLink.responder_id == responder_id))


def delete_old(session: Session, most: int) -> int:
    """Delete the rows of links that are older than `KEPT`, the oldest `most` at a time. Returns how many those were."""
    gone = delete(PersonalLink).where(PersonalLink.id.in_(old(session, most)))
    return len(session.execute(gone.returning(PersonalLink.id).execution_options(synchronize_session=False)).all())


def old(session: Session, most: int) -> list[int]:
    """The oldest links past `KEPT`, at most `most`: they stand in the order in which they were made."""
    oldest = session.execute(select(PersonalLink.id, PersonalLink.created_at).order_by(PersonalLink.id).limit(most))
    return [row.id for row in oldest if row.created_at < clock.now() - KEPT]


def without_tokens(body: str) -> str:
    """A text as others than its reader may see it: with no link in it that would open, and no code that would prove a phone."""
    return _CODE.sub("…", _IN_A_TEXT.sub(r"\1…", body))


def is_bound() -> ColumnElement[bool]:
    """Whether the number a link was sent to is still that of its person, who is still there."""
    return exists().where(
        Responder.id == PersonalLink.responder_id,
        Responder.erased_at.is_(None),
        Contact.id == Responder.contact_id,
        Contact.phone == PersonalLink.phone,
    )


def digest(secret: str) -> str:
    """What is kept of a token. Plain, as for API keys: a day is too short to find 58 random bits by their digest."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _good(token: str) -> tuple[ColumnElement[bool], ...]:
    unused = (PersonalLink.opened_at.is_(None), PersonalLink.expires_at > clock.now())
    return (PersonalLink.token_hash == digest(token), *unused, is_bound())
