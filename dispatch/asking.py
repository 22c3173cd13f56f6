"""Asking people: from what the incident needs to callouts and first texts, with the reason for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events, ids, log
from core.database import advisory_lock
from core.settings import Settings
from dispatch import alarms, callouts, candidates, following_up, letters, one_role, plans, states, waves, writing
from dispatch.candidates import Candidate
from dispatch.models import Callout, Incident
from dispatch.plans import Plan
from dispatch.shortfall import MOST_ASKED, NOBODY_ELSE, Shortfall
from responder import rules
from responder.models import Responder
from sms import outbox

CHOOSING_LOCK = 4002
"""Held from choosing people until the commit. Two emergencies that choose at the same moment would not see each other: they
would take the same people while others are free, and give one person the same letter twice."""
_log = log.get("asking")


@dataclass(frozen=True)
class Asked:
    """What came of asking: whether fewer were found than wanted, and the callouts that are new."""

    short: bool
    newcomers: list[Callout]


def ask_next(session: Session, settings: Settings, incident: Incident, plan: Plan, rows: Sequence[Callout]) -> Asked:
    """Ask as many people as the incident needs now. `rows` are its callouts so far, which are brought up to date."""
    now, own = clock.now(), one_role.others(rows)
    one_role.settle(rows, plan.waves, now)
    need = one_role.need_of_others(plan.waves, rows, now, starting=incident.starting)
    is_wave = need.people > 0 or incident.starting
    beside = one_role.wanted(plan, rows, now)
    if not is_wave and not beside:
        return Asked(False, [])
    advisory_lock(session, CHOOSING_LOCK)
    question = candidates.Question.of(incident, plan, rules.moment_of(settings, now), now)
    chosen = choose(session, question, need, rows, now) if is_wave else []
    asks = [Ask(one, reason(one, n, need.fill)) for n, one in enumerate(chosen)]
    asks += [
        Ask(one, f"{one_role.WORDS[role]}: {how_far(one)}", only_role=role)
        for one, role in one_role.choose(session, question, beside, states_by_person(rows), need.newcomers - len(chosen))
    ]
    called = call_out(session, settings, incident, rows, asks) if asks else []
    asked = Asked(len(chosen) < need.people, [one for one in called if one not in rows])
    if is_wave:
        _settle_replacements(own, plan, need, len(chosen))
        # A wave that could not be filled goes on filling: someone may come home, or text ON.
        incident.starting = need.fill and asked.short
        _note_shortfall(session, incident, need, len(chosen), anyone=bool(own or chosen))
    return asked


def choose(
    session: Session, question: candidates.Question, need: waves.Need, rows: Sequence[Callout], now: datetime
) -> list[Candidate]:
    """Whom an incident with the callouts `rows` asks now, best first. Writes nothing; whoever then asks these people holds
    `CHOOSING_LOCK` from before this until the commit."""
    policy, own = question.plan.waves, one_role.others(rows)
    in_play = waves.in_play(own, policy, now)
    wanted = waves.look_for(need, policy)
    found = candidates.find(session, question, wanted, states_by_person(rows), need.newcomers, in_play=in_play)
    count = waves.ask(need, policy, len(found), in_play)
    if need.fill:
        count = max(count, waves.sooner(policy, own, [one.eta_s for one in found if not one.asked_elsewhere], now))
    return found[:count]


def states_by_person(rows: Sequence[Callout]) -> dict[int, str]:
    """The people who have a callout here already, with its state as choosing reads it: whomever a dispatcher took off, and
    whoever cannot go on to the right address, is not asked again, unless a dispatcher names them. Whoever was told that it is
    over, or was held up by a danger until their time ran out, was stood down and not silent."""
    return {row.responder_id: _as_chosen_by(row) for row in rows}


def _as_chosen_by(row: Callout) -> str:
    if row.stood_down_as in (waves.TAKEN_OFF, waves.CANNOT):
        return states.DECLINED
    return states.STOOD_DOWN if row.state == states.EXPIRED and row.stood_down_as is not None else row.state


@dataclass(frozen=True)
class Ask:
    """One person to be asked, why, whether although all roles are filled, and the role if it can only be one."""

    candidate: Candidate
    reason: str
    extra: bool = False
    only_role: str | None = None


def call_out(
    session: Session,
    settings: Settings,
    incident: Incident,
    rows: Sequence[Callout],
    asks: Sequence[Ask],
    actor: str = "system",
) -> list[Callout]:
    """Ask these people, the first one first: a callout and a first text for each. Returns the callouts of those who could be
    asked: whoever has moved on meanwhile could not. `rows` are all callouts of the incident so far; the caller holds
    `CHOOSING_LOCK`."""
    plan = plans.of(incident.plan)
    incident.waves += 1
    known = {row.responder_id: row for row in rows}
    ids_ = [ask.candidate.responder_id for ask in asks]
    people = {person.id: person for person in session.scalars(select(Responder).where(Responder.id.in_(ids_)))}
    given = letters.for_people(session, [one for one in ids_ if one not in known])
    called: list[Callout] = []
    texts = []
    for rank, ask in enumerate(asks):
        person_id = ask.candidate.responder_id
        callout = known.get(person_id)
        if callout is None:
            callout = _new_callout(session, incident, plan, ask, people[person_id], given[person_id], actor)
        elif not _ask_again(session, incident, plan, callout, ask, actor):
            continue
        called.append(callout)
        texts.append(writing.first_text(settings, callout, plan.first_text_for(ask.only_role), rank))
    outbox.put(session, texts)
    session.flush()  # the next choice of this transaction reads the table past the session
    events.record(session, "wave_asked", actor, incident_id=incident.id, wave=incident.waves, people=len(texts))
    return called


def _new_callout(
    session: Session, incident: Incident, plan: Plan, ask: Ask, person: Responder, letter: str, actor: str
) -> Callout:
    now = clock.now()
    callout = Callout(
        id=ids.new_id(),
        incident_id=incident.id,
        responder_id=person.id,
        letter=letter,
        state=states.QUEUED,
        state_at=now,
        queued_at=now,
        expires_at=now + timedelta(seconds=plan.answer_within_s),
        incident=incident,
        responder=person,
        **_as_asked(incident, ask),
    )
    callouts.add(session, callout)
    events.record(
        session,
        "callout_queued",
        actor,
        incident_id=callout.incident_id,
        callout_id=callout.id,
        responder_id=callout.responder_id,
        wave=callout.wave,
        distance_m=callout.distance_m,
        eta_s=callout.eta_s,
        reason=callout.reason,
    )
    return callout


def _as_asked(incident: Incident, ask: Ask) -> dict[str, Any]:
    """What a callout takes over from the choice, the first time and every other."""
    candidate = ask.candidate
    return {
        "wave": incident.waves,
        "distance_m": candidate.distance_m,
        "eta_s": candidate.eta_s,
        "transport": candidate.transport,
        "kind": candidate.kind,
        "reason": ask.reason,
        "extra": ask.extra,
        "only_role": ask.only_role,
    }


def _ask_again(session: Session, incident: Incident, plan: Plan, callout: Callout, ask: Ask, actor: str) -> bool:
    now = clock.now()
    return callouts.move(
        session,
        callout,
        "ask_again",
        actor,
        role=None,
        queued_at=now,
        expires_at=now + timedelta(seconds=plan.answer_within_s),
        alerted_at=None,
        answered_at=None,
        replaced_at=None,
        stood_down_as=None,
        ring_at=None,
        rung_at=None,
        # Nobody is asked to come and told to keep away in one minute; the red row stands until they or a dispatcher clear it.
        unsafe_told=following_up.UNSAFE_TIMES + 1,
        **_as_asked(incident, ask),
    )


def reason(candidate: Candidate, rank: int, starting: bool) -> str:
    """Why this person, in one line a dispatcher can read."""
    why = f"number {rank + 1} by travel time" if starting else "next by travel time"
    spared = ", was to be spared after many alerts or an emergency: too few others are left" if candidate.spared else ""
    elsewhere = ", asked elsewhere and silent: nobody else is left" if candidate.asked_elsewhere else ""
    return f"{why}: {how_far(candidate)}{spared}{elsewhere}"


def how_far(candidate: Candidate) -> str:
    """From where, how far and how long, in words."""
    how = "on foot" if candidate.transport == "foot" else f"by {candidate.transport}"
    return f"{candidate.distance_m} m from {candidate.kind}, {candidate.eta_s} s {how}"


def _settle_replacements(rows: Sequence[Callout], plan: Plan, need: waves.Need, asked: int) -> None:
    """Mark whom a new person stands in for, so that each callout brings one and no more. A debt that nobody could be found
    for stays open: someone may come home yet."""
    now = clock.now()
    owing = [row for row in rows if waves.owes_a_replacement(row, plan.waves, now)]
    for row in owing if need.fill else owing[:asked]:
        row.replaced_at = now


def _note_shortfall(session: Session, incident: Incident, need: waves.Need, asked: int, *, anyone: bool) -> None:
    """Say why fewer were asked than wanted; loudly when nobody could be asked at all. A later look that finds nobody either
    leaves standing what was said."""
    if asked < need.people and asked == 0 and incident.shortfall is not None:
        return
    incident.shortfall = None
    if asked < need.people:
        short = Shortfall(asked, need.people, MOST_ASKED if need.newcomers <= asked else NOBODY_ELSE)
        incident.shortfall = short.facts
        events.record(session, "shortfall", incident_id=incident.id, asked=asked, wanted=need.people, reason=short.why)
    if not anyone:
        _log.error("nobody could be asked", incident_id=incident.id)
        events.record(session, "nobody_asked", incident_id=incident.id)
        alarms.raise_once(session, alarms.NOBODY_ASKED, incident_id=incident.id)
