"""The fields of the set-up and settings pages: what was typed, what is wrong with it, what may be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from babel.core import get_global
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from core import agency
from core.agency_settings import LANGUAGES, AgencyValues
from core.problems import Problem, from_validation
from core.settings import Settings
from core.words import translated


@dataclass
class Form:
    """What a page shows in its fields, and what is wrong, by field name."""

    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def blame(self, problem: Problem) -> None:
        """Show a Problem of the rooms below at the fields it names."""
        for error in problem.errors:
            self.errors.setdefault(error.pointer.strip("/"), _as_sentence(translated(error.detail)))
        if not problem.errors:
            self.errors.setdefault("", translated(problem.title))


def shown(settings: Settings) -> Form:
    """The form as it stands before anybody types."""
    return Form({name: getattr(settings, name) for name in agency.FIELDS}, fixed=agency.fixed(settings))


def read(given: MultiDict[str, str], settings: Settings) -> tuple[Form, AgencyValues | None]:
    """What was typed; the values are None when something is wrong with them, and the form then says what."""
    form = shown(settings)
    for name in agency.FIELDS:
        if name not in form.fixed:
            form.values[name] = given.getlist(name) if name == "languages" else given.get(name, "").strip()
    try:
        return form, AgencyValues.model_validate(form.values)
    except ValidationError as error:
        form.blame(from_validation(error))
        return form, None


def _as_sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def choices(language: str) -> dict[str, Any]:
    """What may be chosen, by its name in `language`."""
    return {
        "regions": _regions(language),
        "zones": [(zone, zone.replace("_", " ")) for zone in _zones()],
        "spoken": _spoken(language),
    }


@cache
def zones_of_regions() -> Mapping[str, str]:
    """The time zone of each country that has only one: a proposal. Of the others somebody must choose."""
    zones, known = get_global("territory_zones"), available_timezones()
    single = {region: zones[region][0] for region in phonenumbers.SUPPORTED_REGIONS if len(zones.get(region, ())) == 1}
    return {region: zone for region, zone in single.items() if zone in known}


@cache
def _regions(language: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(language).territories
    named = [(region, str(names.get(region, region))) for region in phonenumbers.SUPPORTED_REGIONS]
    return tuple(sorted(named, key=lambda pair: pair[1]))


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))))


@cache
def _spoken(language: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(language).languages
    return tuple((code, str(names.get(code, code)).capitalize()) for code in LANGUAGES)
