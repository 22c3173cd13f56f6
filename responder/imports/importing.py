"""Importing people from a CSV file: good rows go in, bad ones are told with line, column and reason, twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from core import events, log
from core.problems import Problem, field_problem
from core.services import Services
from core.words import _, fill
from geo.geocoding import Geocoder, look_up
from geo.zones import ServiceArea, service_area
from responder import hours
from responder.certificates import kinds
from responder.fields import Context
from responder.imports import snapshots
from responder.imports.ledger import Ledger, Taken
from responder.imports.report import Report
from responder.imports.rows import Reading, read_person
from responder.imports.table import Line, Refusal, Table, UnusableFile
from responder.input import ResponderInput, locate
from responder.models import HOME, WORK, Responder
from responder.people import ADDED, CHANGED, UNCHANGED, Manner, Outcome, find_all, store, written
from sms import contacts

__all__ = ["UnusableFile", "run"]

BATCH = 50
"""People per transaction: on SQLite about a tenth of a second, so that an emergency meanwhile hardly waits for an import."""

_Ready = tuple[Reading, ResponderInput]
Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""

_log = log.get("import")


class _DryRun(Exception):
    """Raised to undo a transaction whose outcome was only wanted to be known."""


def run(
    services: Services,
    geocoder: Geocoder,
    path: Path,
    *,
    dry_run: bool = False,
    unverified: bool = False,
    actor: str = "operator",
    progress: Progress | None = None,
    ledger: Ledger | None = None,
    columns: Sequence[str] = (),
) -> Report:
    """Import the people of a CSV file, in batches, with flat memory. It has the columns of `responder.imports.table`, or
    `columns` says for each which of them it is.

    Certifications count as verified by `actor` unless `unverified`. A `dry_run` reports the same and writes nobody. A `ledger`
    is told of every batch, and what it knows to be done is not done again. Raises UnusableFile, whose text is plain, when the
    file as a whole cannot be used; nothing is written then.
    """
    with closing(Table(path, columns)) as table:
        report = Report(dry_run, refusals=list(table.refusals))
        manner = Manner(actor, verified=not unverified, keep_places=_unsaid(table.columns), is_a_list=True)
        batches = _Batches(services, geocoder, table, manner, dry_run, ledger)
        if ledger is not None:
            report.add(ledger.so_far)
            table.claim_phones(ledger.so_far.phones)
        done, total = table.count_until(batches.reached), table.count
        for batch in _in_batches(table.people(batches.reached)):
            report.add(batches.take(batch))
            done += sum(map(len, batch))
            if progress is not None:
                progress(done, total)
    if not dry_run:
        _note(services, report, actor)
    return report


def _unsaid(columns: Sequence[str]) -> tuple[str, ...]:
    """The kinds of places that a file has no column for: it says nothing about them, and takes none of them away."""
    return tuple(kind for kind in (HOME, WORK) if not any(column.startswith(f"{kind}_") for column in columns))


def _note(services: Services, report: Report, actor: str) -> None:
    counts: dict[str, Any] = {kind: report.people[kind] for kind in (ADDED, CHANGED, UNCHANGED)}
    with services.write() as session:
        events.record(session, "responders_imported", actor, refused_rows=report.refused_rows, **counts)
    _log.info("responders imported", actor=actor, refused_rows=report.refused_rows, **counts)


def _in_batches(people: Iterable[list[Line]]) -> Iterator[list[list[Line]]]:
    waiting = iter(people)
    while batch := list(islice(waiting, BATCH)):
        yield batch


class _Batches:
    """Takes in one batch of people after the other."""

    def __init__(
        self, services: Services, geocoder: Geocoder, table: Table, manner: Manner, dry_run: bool, ledger: Ledger | None
    ) -> None:
        self._services = services
        self._geocoder = geocoder
        self._table = table
        self._manner = manner
        self._dry_run = dry_run
        self._ledger = ledger

    @property
    def reached(self) -> int:
        """The first line of the last person who is done."""
        return self._ledger.so_far.reached if self._ledger is not None else 0

    def take(self, batch: Sequence[list[Line]]) -> Taken:
        """Check, locate and write one batch; addresses are looked up before the transaction begins."""
        with self._services.read() as session:
            context = Context.of(self._services.settings, kinds.keys(session))
            area = service_area(session)
        refusals: list[Refusal] = []
        ready = self._ready([read_person(lines, context, self._table.delimiter == ";") for lines in batch], area, refusals)
        taken = Taken()
        phones = {person.phone: person.external_id for _, person in ready}

        def work(session: Session) -> None:
            nonlocal taken  # made anew for each try
            taken = Taken(batch[-1][0].number, refusals=list(refusals), phones=phones)
            self._store(session, ready, taken)
            if self._dry_run:
                raise _DryRun
            self._note(session, taken)

        with suppress(_DryRun):
            written(self._services, work)
        if self._dry_run:
            with self._services.write() as session:
                self._note(session, taken)
        if self._ledger is not None:
            self._ledger.noted(taken)
        return taken

    def _note(self, session: Session, taken: Taken) -> None:
        if self._ledger is not None:
            self._ledger.note(session, taken)

    def _ready(self, readings: Sequence[Reading], area: ServiceArea, refusals: list[Refusal]) -> list[_Ready]:
        """Those who can be written down, with coordinates; why not, of the others, goes to `refusals`."""
        geocoder = look_up(self._geocoder, {address for one in readings if one.person for address in _unlocated(one.person)})
        ready: list[_Ready] = []
        for reading in readings:
            refusals += reading.refusals
            if reading.person is None:
                continue
            try:
                _look_for_swapped(reading.person, area)
                person = locate(reading.person, geocoder)
                self._claim_phone(person)
                ready.append((reading, person))
            except Problem as problem:
                refusals += reading.refused(problem)
        return ready

    def _claim_phone(self, person: ResponderInput) -> None:
        holder = self._table.holder_of_phone(person.phone, person.external_id)
        if holder != person.external_id:
            raise field_problem("/phone", fill("a number of their own: in this file it belongs to {holder}", holder=holder))

    def _store(self, session: Session, ready: Sequence[_Ready], taken: Taken) -> None:
        """Write those who are ready, and add what became of them to `taken`."""
        keeping = {True: replace(self._manner, keep_certifications=True), False: self._manner}
        known = self._known(session, [person.external_id for _, person in ready])
        before = {one.id: snapshots.take(one) for one in known}
        wanted = [(person, keeping[bool(reading.refusals)]) for reading, person in ready]
        outcomes = store(session, self._services.settings, wanted)
        for (reading, person), outcome in zip(ready, outcomes, strict=True):
            if isinstance(outcome, Problem):
                taken.refusals += reading.refused(outcome)
                continue
            taken.people[outcome.kind] += 1
            taken.not_at_night += _is_left_out_at_night(person)
            if not contacts.read_phone(person.phone, self._services.settings.default_region).valid:
                taken.doubtful.append(reading.lines[0])
            if self._manner.verified and any(one.expires is None for one in person.certifications or ()):
                taken.endless.append(reading.lines[0])
            if outcome.kind != UNCHANGED and not self._dry_run:
                taken.entries.append(_entry(outcome, person, before.get(outcome.responder_id)))
        revisions = {one.id: one.revision for one in known}
        for entry in taken.entries:
            entry["revision"] = revisions.get(entry["responder_id"], 1)

    def _known(self, session: Session, external_ids: Sequence[str]) -> Sequence[Responder]:
        """Those who are there already, held for what undoing has to know of them."""
        will_be_undoable = self._ledger is not None and not self._dry_run
        return list(find_all(session, external_ids, lock=True).values()) if will_be_undoable else ()


def _unlocated(person: ResponderInput) -> Iterator[str]:
    return (place.address for place in person.places if place.lat is None and place.address is not None)


def _look_for_swapped(person: ResponderInput, area: ServiceArea) -> None:
    """Raises Problem 422 for a place that is served only with its two coordinates the other way round: such a person would
    never be asked, and nothing would say why."""
    for number, place in enumerate(person.places):
        if place.lat is None or place.lon is None or area.contains(place.lat, place.lon) or abs(place.lon) > 90:
            continue
        if area.contains(place.lon, place.lat):
            says = _("the latitude: with the two numbers the other way round this place lies in the service area")
            raise field_problem(f"/places/{number}/lat", says)


def _entry(outcome: Outcome, person: ResponderInput, before: dict[str, Any] | None) -> dict[str, Any]:
    phone_before = before["contact"]["phone"] if before is not None else None
    return {
        "responder_id": outcome.responder_id,
        "kind": outcome.kind,
        "before": before,
        "phone_before": phone_before if phone_before != person.phone else None,
    }


def _is_left_out_at_night(person: ResponderInput) -> bool:
    """Whether the night rule leaves nothing of this person between 23:00 and 07:00."""
    work = next((place.hours for place in person.places if place.kind == WORK), None)
    return not person.night_alerts and not (work and hours.week_of(work).touches_night())
