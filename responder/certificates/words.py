"""Why a certificate was not accepted, in words that an admin and the volunteer read alike."""

from __future__ import annotations

from collections.abc import Mapping

from core.words import _

REJECTIONS: Mapping[str, str] = {
    "unreadable": _("it cannot be read"),
    "no_date": _("the date cannot be read"),
    "ended": _("it has ended"),
    "other_person": _("it is in another name"),
    "other_kind": _("it is of another kind"),
    "not_whole": _("a part of it is missing"),
}
"""By its key; an admin's own words stand as they are."""
