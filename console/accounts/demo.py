"""The logins of the demo town, one of each role. On a real carrier they open nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.accounts import users
from console.models import User
from core.access import ROLES
from core.services import Services
from core.settings import Settings

PASSWORD = "doorstep"  # noqa: S105  # announced to everybody; the logins reach people who do not exist


def ensure(session: Session, actor: str = "operator") -> None:
    """Make the logins that are not there yet; somebody's own user of such a name is left alone."""
    for role in ROLES:
        if users.by_name(session, role) is None:
            users.add(session, role, role, PASSWORD, actor, given=False, demo=True)


def opens(settings: Settings) -> bool:
    """Whether the demo's logins, whose password everybody knows, open anything: only where no text reaches a real phone."""
    return settings.simulating


def offered(services: Services) -> Sequence[str]:
    """The names that a newcomer may sign in with, password `PASSWORD`: those of the demo town, while they open anything."""
    if not opens(services.settings):
        return ()
    with services.read() as session:
        return names(session)


def names(session: Session) -> Sequence[str]:
    """The names of the demo logins that are there, dispatcher first."""
    wanted = select(User.name).where(User.demo.is_(True), User.disabled_at.is_(None))
    return session.scalars(wanted.order_by(User.id)).all()
