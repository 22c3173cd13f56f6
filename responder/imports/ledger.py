"""What an import has done so far, written in the transaction of each batch: whoever goes on after a crash does nothing twice,
and the whole can be undone."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from core import words
from core.services import Services
from responder.imports import jobs, pieces
from responder.imports.models import ImportedPerson, ImportPiece, PeopleImport
from responder.imports.table import Refusal


@dataclass
class Taken:
    """What became of some people of a file: how many by outcome, the rows refused, and those added or changed as rows of
    `ImportedPerson`. `doubtful` are the lines of those taken with a number that nobody is known to have, `endless` of those
    with a certificate that counts and has no end; `phones` is who in the file has which number. `reached` is the first line of
    the last of them."""

    reached: int = 0
    people: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    not_at_night: int = 0
    doubtful: list[int] = field(default_factory=list)
    endless: list[int] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    phones: dict[str, str] = field(default_factory=dict)


class Ledger:
    """The ledger of one import."""

    def __init__(self, services: Services, import_id: str) -> None:
        """Read what has been done: `so_far`, its `entries` left out."""
        self._import_id = import_id
        self.so_far = Taken()
        with services.read() as session:
            row = session.get_one(PeopleImport, import_id)
            self.so_far.reached = row.reached
            for data in pieces.of(session, import_id, pieces.SO_FAR):
                self._add(json.loads(data))

    def note(self, session: Session, taken: Taken) -> None:
        """Write down one batch, in the transaction that it is taken in by (of a check, which leaves nothing else, after it).
        Raises Superseded where the import has been taken over, or is being undone."""
        goes_on = PeopleImport.state.in_((jobs.CHECKING, jobs.IMPORTING, jobs.BY_COMMAND))
        here = (PeopleImport.id == self._import_id, PeopleImport.reached == self.so_far.reached, goes_on)
        own = update(PeopleImport).where(*here).values(reached=taken.reached)
        if session.execute(own.returning(PeopleImport.id).execution_options(synchronize_session=False)).first() is None:
            raise jobs.Superseded
        refusals = [[one.line, one.column, words.kept(one.reason)] for one in taken.refusals]
        told: dict[str, Any] = {"people": taken.people, "not_at_night": taken.not_at_night, "doubtful": taken.doubtful}
        told |= {"endless": taken.endless, "refusals": refusals, "phones": taken.phones}
        kept = {"import_id": self._import_id, "kind": pieces.SO_FAR, "number": taken.reached, "data": json.dumps(told).encode()}
        session.execute(insert(ImportPiece), [kept])
        if taken.entries:
            session.execute(insert(ImportedPerson), [entry | {"import_id": self._import_id} for entry in taken.entries])

    def noted(self, taken: Taken) -> None:
        """Once that is committed."""
        self.so_far.reached = taken.reached

    def _add(self, told: dict[str, Any]) -> None:
        self.so_far.people.update(told["people"])
        self.so_far.not_at_night += told["not_at_night"]
        self.so_far.doubtful += told["doubtful"]
        self.so_far.endless += told["endless"]
        self.so_far.phones |= told["phones"]
        self.so_far.refusals += [Refusal(line, column, words.told(why)) for line, column, why in told["refusals"]]


def forget(session: Session, responder_id: int) -> None:
    """Forget what somebody was before an import: they are being erased."""
    session.execute(delete(ImportedPerson).where(ImportedPerson.responder_id == responder_id))
