"""Which column of a file is which of ours: guessed by its name in English, Swedish or Finnish, corrected by the admin, and
remembered for the next file of the same making."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.words import _, fill
from geo.names import key
from responder.imports import text_file
from responder.imports.models import ImportColumn
from responder.imports.parts import PARTS, WHOLES, wholes
from responder.imports.table import COLUMNS, NEEDED, PLACES, cells_of, delimiter_of, looks_like_a_row

LEFT_OUT = ""
CHOICES = (*COLUMNS, *PARTS)
"""What a column may be: one of ours, or a part of one."""
MOST_COLUMNS = 100
"""Of a file that can be matched by hand."""
_SAMPLES = 3
_LONGEST_SAMPLE = 40

# By `key`: without case, accents, spaces and punctuation.
_NAMES = {
    "external_id": "id idnumber memberid membernumber memberno medlemsnummer medlemsid medlemsnr jasennumero jasennro tunnus",
    "name": "fullname volunteer namn fullstandigtnamn frivillig nimi kokonimi vapaaehtoinen",
    "phone": (
        "phonenumber mobile mobilephone mobilenumber cell telephone tel telefon telefonnummer mobil mobiltelefon mobilnummer"
        " puhelin puhelinnumero puh matkapuhelin gsm kannykka"
    ),
    "language": "lang sprak kieli aidinkieli modersmal",
    "home_lat": "latitude lat latitud leveysaste leveyspiiri homelatitude",
    "home_lon": "longitude lon lng longitud pituusaste pituuspiiri homelongitude",
    "home_address": "address homeaddress streetaddress adress hemadress gatuadress bostadsadress osoite kotiosoite katuosoite",
    "home_hours": "hemmatider kotiajat",
    "work_lat": "worklatitude",
    "work_lon": "worklongitude",
    "work_address": "workplace workaddress arbetsadress arbetsplats jobbadress tyoosoite tyopaikka tyopaikanosoite",
    "work_hours": "workinghours arbetstid arbetstider tyoaika tyoajat",
    "night_alerts": "night nightalerts natt nattlarm yo yohalytykset",
    "calls": "voicecalls samtal puhelut",
    "transport": "vehicle mode fardsatt transportmedel kulkuneuvo kulkutapa",
    "certification_type": "certificate certification course qualification certifikat intyg kurs todistus patevyys kurssi",
    "certification_number": "certificatenumber certificateno intygsnummer certifikatnummer todistusnumero kortinnumero",
    "certification_expires": (
        "expires expiry expirydate validuntil validto giltig giltigt giltighet giltigtill giltigtom utgar voimassa voimassaasti"
    ),
    "consent_at": "consent consentdate agreed samtycke samtyckesdatum suostumus suostumuspvm suostumuspaiva",
}
_PART_NAMES = {
    "first_name": "firstname givenname forename fornamn tilltalsnamn etunimi",
    "last_name": "lastname surname familyname efternamn sukunimi",
    "home_street": "street streetname gata gatunamn katu kadunnimi lahiosoite",
    "home_number": "housenumber housenr streetnumber husnummer gatunummer talonumero",
    "home_postcode": "postcode postalcode zip zipcode postnummer postinumero",
    "home_town": "town city postort ort stad kaupunki kunta postitoimipaikka",
}
_OURS = {key(column): column for column in CHOICES}
_BY_NAME = {name: column for column, names in (_NAMES | _PART_NAMES).items() for name in names.split()} | _OURS


@dataclass(frozen=True)
class Given:
    """A column of a file: its name there and its first cells, so that one sees what is in it."""

    name: str
    samples: Sequence[str]


def read(path: Path) -> list[Given]:
    """The columns of a file whose first line can be read as names; none where it cannot, where it has too many, or where it is
    a person already."""
    try:
        first, *rest = islice(text_file.lines(path), _SAMPLES + 1)
        delimiter = delimiter_of(first.text)
        names = cells_of(first.text, delimiter)
    except (text_file.UnusableFile, csv.Error, ValueError):
        return []
    if len(names) > MOST_COLUMNS or text_file.is_broken(first.text) or "\0" in first.text or not any(names):
        return []
    if looks_like_a_row(names):
        return []
    rows = [row for line in rest if len(row := _cells(line.text, delimiter)) == len(names)]
    return [Given(name, [row[number][:_LONGEST_SAMPLE] for row in rows if row[number]]) for number, name in enumerate(names)]


def are_ours(given: Sequence[Given]) -> bool:
    """Whether there is nothing to match: every column has the name of one of ours, or there is none at all."""
    return all(one.name.lower() in COLUMNS for one in given)


def guess(given: Sequence[Given], remembered: Mapping[str, str]) -> list[str]:
    """For each column that of ours which it seems to be, or `LEFT_OUT`. None of ours is given twice."""
    guessed: list[str] = []
    for one in given:
        name = key(one.name)
        column = remembered.get(name, _BY_NAME.get(name, LEFT_OUT))
        guessed.append(column if column not in guessed else LEFT_OUT)
    return [_part_beside_others(column, guessed) for column in guessed]


def _part_beside_others(column: str, guessed: Sequence[str]) -> str:
    """What is called an address is the street alone where the town has a column of its own; and so with names."""
    own = [part for part, whole in PARTS.items() if whole == column]
    return own[0] if set(own) & set(guessed) and own[0] not in guessed else column


def names_in(path: Path, chosen: Sequence[str]) -> Mapping[str, str]:
    """What the file itself calls each of our columns that was chosen for one or several of its own."""
    names: dict[str, list[str]] = {}
    for one, column in zip(read(path), chosen, strict=True) if chosen else ():
        for ours in {column, PARTS.get(column, column)} - {LEFT_OUT}:
            names.setdefault(ours, []).append(one.name)
    return {column: " + ".join(filter(None, own)) or column for column, own in names.items()}


def problems(chosen: Sequence[str]) -> list[str]:
    """What is wrong with a choice, in words; nothing where it can be used."""
    there = wholes(chosen)
    wrong = [fill("{column} is chosen twice", column=one) for one in CHOICES if chosen.count(one) > 1]
    wrong += [
        fill("{whole} is chosen whole and in parts; choose the one or the other", whole=whole)
        for whole in WHOLES
        if whole in chosen and any(PARTS.get(one) == whole for one in chosen)
    ]
    wrong += [fill("{column} is needed; choose the column that it is in", column=one) for one in NEEDED if one not in there]
    if not set(PLACES) & set(there):
        wrong.append(_("a place is needed: home_lat and home_lon, home_address, or the same of work"))
    return wrong


def remembered(session: Session) -> dict[str, str]:
    """What was chosen for columns of these names before."""
    return {row.name: row.column for row in session.scalars(select(ImportColumn).where(ImportColumn.agency_id == 1))}


def remember(session: Session, given: Sequence[Given], chosen: Sequence[str]) -> None:
    """Remember a choice for the next file, as far as it is not what would be guessed anyway."""
    choices = {
        name[:200]: column
        for one, column in zip(given, chosen, strict=True)
        if (name := key(one.name)) and column != _BY_NAME.get(name, LEFT_OUT)
    }
    session.execute(delete(ImportColumn).where(ImportColumn.agency_id == 1, ImportColumn.name.in_(choices)))
    rows = [{"agency_id": 1, "name": name, "column": column} for name, column in choices.items()]
    if rows:
        session.execute(insert(ImportColumn), rows)


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return cells_of(text, delimiter)
    except csv.Error:
        return []
