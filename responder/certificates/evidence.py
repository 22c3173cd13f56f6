"""The kept proofs: opened by admins alone, each opening an event, and deleted some time after the verdict. How long that is
stands in the settings and with no proof: changed, it holds for what was judged before, too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session, undefer

from core import clock, events
from core.problems import not_found
from core.services import Services
from core.settings import Settings
from responder.certificates.models import Evidence
from responder.models import Certification

_AT_ONCE = 100


def open_one(session: Session, evidence_id: str, actor: str) -> Evidence:
    """The proof with its content, for `actor` to look at, which is an event. Problem 404 when there is none (any more)."""
    wanted = select(Evidence, Certification.responder_id).join(Certification).options(undefer(Evidence.content))
    found = session.execute(wanted.where(Evidence.id == evidence_id)).first()
    if found is None:
        raise not_found("proof, or it has been deleted")
    row, responder_id = found
    events.record(session, "evidence_opened", actor, responder_id=responder_id, certification_id=row.certification_id)
    return row


def of_certifications(session: Session, ids: list[int]) -> dict[int, Evidence]:
    """The proofs of these certifications, without their content."""
    return {row.certification_id: row for row in session.scalars(select(Evidence).where(Evidence.certification_id.in_(ids)))}


def note_verdict(session: Session, certification_id: int) -> None:
    """The verdict is there: from now on the time counts for which its proof is kept."""
    _set_judged(session, certification_id, clock.now())


def keep(session: Session, certification_id: int) -> None:
    """The verdict is taken back: the proof is needed again."""
    _set_judged(session, certification_id, None)


def delete_due(services: Services) -> int:
    """Delete the proofs whose time is over. Returns how many there were."""
    due = _due(services.settings)
    with services.read() as session:
        if not session.scalars(due.limit(1)).first():
            return 0
    with services.write() as session:
        gone = session.execute(
            delete(Evidence)
            .where(Evidence.id.in_(due.limit(_AT_ONCE)))
            .returning(Evidence.certification_id)
            .execution_options(synchronize_session=False)
        ).scalars()
        ids = sorted(gone)
        if ids:
            events.record(session, "evidence_deleted", certification_ids=ids)
        return len(ids)


def count_due(session: Session, settings: Settings, most: int) -> int:
    """How many proofs are past their time, counted to `most`."""
    return session.scalar(select(func.count()).select_from(_due(settings).limit(most).subquery())) or 0


def _due(settings: Settings) -> Select[str]:
    before = clock.now() - settings.evidence_kept
    return select(Evidence.id).where(Evidence.judged_at <= before).order_by(Evidence.judged_at)


def _set_judged(session: Session, certification_id: int, judged_at: datetime | None) -> None:
    session.execute(
        update(Evidence)
        .where(Evidence.certification_id == certification_id)
        .values(judged_at=judged_at)
        .execution_options(synchronize_session=False)
    )
