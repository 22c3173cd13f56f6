"""The kinds of certificate there are, as data: what each proves, how long one counts, whether a picture of it is needed.

Those that ship stand here; an admin's own words for one of them, and kinds of an agency's own, stand in the database. A kind
opens what plans ask for (`dispatch.plans`): one that no plan names opens nothing, and a plan that names none asks everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from core.problems import field_problem
from core.words import fill
from responder.certificates.models import CertificateKind

KEY = re.compile("[a-z][a-z0-9_]{1,39}")
LONGEST_LABEL, LONGEST_SENTENCE, MOST_MONTHS = 60, 200, 600
_FALL_BACK = "en"


@dataclass(frozen=True)
class Kind:
    """One kind. `label` and `proves` are words by language; `valid_months` None: as long as the certificate says itself."""

    key: str
    label: Mapping[str, str] = field(hash=False)
    proves: Mapping[str, str] = field(hash=False)
    valid_months: int | None = None
    needs_evidence: bool = True

    def called(self, language: str) -> str:
        """What it is called in `language`, or in English, or in whatever language there is."""
        return _in(self.label, language) or self.key.replace("_", " ")

    def says(self, language: str) -> str:
        """What it proves, in a sentence; "" when nobody has said."""
        return _in(self.proves, language)


SHIPPED = (
    Kind(
        "cpr",
        {"en": "CPR", "sv": "HLR", "fi": "Elvytys"},
        {
            "en": "Can resuscitate and use a defibrillator.",
            "sv": "Kan hjärt-lungräddning och kan använda hjärtstartare.",
            "fi": "Osaa elvyttää ja käyttää defibrillaattoria.",
        },
        valid_months=24,
    ),
    Kind(
        "first_aid",
        {"en": "First aid", "sv": "Första hjälpen", "fi": "Ensiapu"},
        {
            "en": "Can give first aid, CPR included.",
            "sv": "Kan ge första hjälpen, även hjärt-lungräddning.",
            "fi": "Osaa antaa ensiapua, myös elvyttää.",
        },
        valid_months=36,
    ),
    Kind(
        "medical",
        {"en": "Medical profession", "sv": "Vårdyrke", "fi": "Terveydenhuollon ammatti"},
        {
            "en": "Has a licence of a medical profession.",
            "sv": "Har legitimation i ett vårdyrke.",
            "fi": "On terveydenhuollon laillistettu ammattihenkilö.",
        },
    ),
    Kind(
        "identity",
        {"en": "Identity checked", "sv": "Identitet kontrollerad", "fi": "Henkilöllisyys tarkistettu"},
        {
            "en": "Somebody has seen an identity document.",
            "sv": "Någon har sett en identitetshandling.",
            "fi": "Joku on nähnyt henkilöllisyystodistuksen.",
        },
        needs_evidence=False,
    ),
    Kind(
        "criminal_record",
        {"en": "Criminal record checked", "sv": "Brottsregister kontrollerat", "fi": "Rikosrekisteri tarkistettu"},
        {
            "en": "Somebody has seen an extract from the criminal records.",
            "sv": "Någon har sett ett utdrag ur belastningsregistret.",
            "fi": "Joku on nähnyt rikosrekisteriotteen.",
        },
        needs_evidence=False,
    ),
)
"""How long CPR and first aid count: as the Finnish Red Cross writes on its certificates (3 years), and the yearly to
two-yearly refresher that resuscitation councils ask for. An agency sets its own."""
SHIPPED_KEYS = tuple(kind.key for kind in SHIPPED)


def known(session: Session, agency_id: int = 1) -> dict[str, Kind]:
    """Every kind by its key: those that ship, in their order, with an admin's changes; then the agency's own by their key."""
    rows = session.scalars(select(CertificateKind).where(CertificateKind.agency_id == agency_id).order_by(CertificateKind.key))
    found = {kind.key: kind for kind in SHIPPED}
    return found | {row.key: _of(row) for row in rows}


def keys(session: Session) -> tuple[str, ...]:
    """The keys of every kind there is."""
    return tuple(known(session))


def find(session: Session, key: str) -> Kind:
    """The kind of a key; a 422 about `/type` that names those there are."""
    there = known(session)
    if key not in there:
        raise field_problem("/type", fill("one of {expected}", expected=", ".join(there)))
    return there[key]


def save(session: Session, kind: Kind, actor: str, agency_id: int = 1) -> None:
    """Write a kind down, new or changed. Raises Problem 422 about the field that cannot be used."""
    _check(kind)
    wanted = select(CertificateKind).where(CertificateKind.agency_id == agency_id, CertificateKind.key == kind.key)
    row = session.scalar(wanted.with_for_update())
    if row is None:
        row = CertificateKind(agency_id=agency_id, key=kind.key)
        session.add(row)
    row.label, row.proves = dict(kind.label), dict(kind.proves)
    row.valid_months, row.needs_evidence = kind.valid_months, kind.needs_evidence
    session.flush()
    events.record(session, "certificate_kind_saved", actor, type=kind.key)


def _check(kind: Kind) -> None:
    if not KEY.fullmatch(kind.key):
        raise field_problem("/key", "2 to 40 small letters, digits and _, beginning with a letter, such as water_rescue")
    if not any(kind.label.values()):
        raise field_problem("/label", "what it is called, in at least one language")
    if any(len(text) > LONGEST_LABEL for text in kind.label.values()):
        raise field_problem("/label", fill("at most {most} characters", most=LONGEST_LABEL))
    if any(len(text) > LONGEST_SENTENCE for text in kind.proves.values()):
        raise field_problem("/proves", fill("at most {most} characters", most=LONGEST_SENTENCE))
    if kind.valid_months is not None and not 1 <= kind.valid_months <= MOST_MONTHS:
        raise field_problem("/valid_months", fill("a number of months from 1 to {most}, or nothing", most=MOST_MONTHS))


def _of(row: CertificateKind) -> Kind:
    return Kind(row.key, row.label, row.proves, row.valid_months, row.needs_evidence)


def _in(words: Mapping[str, str], language: str) -> str:
    return words.get(language) or words.get(_FALL_BACK) or next((text for text in words.values() if text), "")
