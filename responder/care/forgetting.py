"""How people were and what was said with them on the phone is forgotten after a while; that they were asked and rung stays in
the event log, which has no words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from responder.care.models import CallBack, CareQuestion

_PAST_THE_SESSION = {"synchronize_session": False}


def count_older(session: Session, before: datetime, most: int) -> int:
    """How many calls ended and answers were given at `before` or earlier and are still kept, counted to `most`."""
    kinds = (_calls(before).limit(most), _answers(before).limit(most))
    counted = (session.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in kinds)
    return min(sum(counted), most)


def older(session: Session, before: datetime, limit: int) -> int:
    """Forget the next of them, at most `limit` of each. Returns how many those were.

    A call goes whole. A question stays without its answer, so that nobody is asked it again.
    """
    rung = delete(CallBack).where(CallBack.id.in_(_calls(before).limit(limit))).returning(CallBack.id)
    key = tuple_(CareQuestion.callout_id, CareQuestion.step)
    told = update(CareQuestion).where(key.in_(_answers(before).limit(limit))).values(answer=None)
    done = (rung, told.returning(CareQuestion.callout_id))
    return sum(len(session.execute(one.execution_options(**_PAST_THE_SESSION)).all()) for one in done)


def _calls(before: datetime) -> Select[int]:
    return select(CallBack.id).where(CallBack.done_at <= before).order_by(CallBack.done_at)


def _answers(before: datetime) -> Select[str, str]:
    told = (CareQuestion.answer.is_not(None), CareQuestion.answered_at <= before)
    return select(CareQuestion.callout_id, CareQuestion.step).where(*told).order_by(CareQuestion.answered_at)
