"""What the page shows of each phone: the carrier's facts joined with names, in the order a person looks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

RINGS = "ringing"


def lines(phones: Sequence[dict[str, Any]], names: Mapping[str, str], zone: ZoneInfo) -> list[dict[str, Any]]:
    """A line for every phone the carrier knows and for everybody else who has a name; those that ring first, then the newest
    text, then by name."""
    known = {phone["number"] for phone in phones}
    silent = [{"number": number} for number in names if number not in known]
    found = [line(phone, names, zone) for phone in (*phones, *silent)]
    found.sort(key=lambda one: (one["label"], one["number"]))
    found.sort(key=lambda one: str(one["at"]), reverse=True)
    found.sort(key=lambda one: one["call"]["state"] != RINGS)
    return found


def line(phone: Mapping[str, Any], names: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """One phone; `texts` are the bubbles where the carrier gave them."""
    number = phone["number"]
    last = phone.get("last")
    bubbles = phone.get("texts")
    return {
        "number": number,
        "label": names.get(number) or phone.get("label") or number,
        "unread": phone.get("unread", 0),
        "by_person": bool(phone.get("by_person")),
        "switched_off": bool(phone.get("switched_off")),
        "opted_out": bool(phone.get("opted_out")),
        "at": last["at"] if last else "",
        "time": _clock_time(last["at"], zone) if last else "",
        "last": last["body"] if last else "",
        "last_from_phone": bool(last and last["from_phone"]),
        "call": _call(phone.get("call")),
        "texts": [_bubble(one, zone) for one in bubbles] if isinstance(bubbles, list) else [],
    }


def _call(call: Mapping[str, Any] | None) -> dict[str, Any]:
    """The call that a phone shows, with its state in the page's words: none, ringing, talking, over or missed."""
    if call is None:
        return {"sid": "", "state": "none", "heard": []}
    ended = "over" if call["heard"] else "missed"
    states = {"ringing": RINGS, "in-progress": "talking", "queued": "none", "initiated": "none"}
    return {"sid": call["sid"], "state": states.get(call["status"], ended), "heard": call["heard"]}


def _bubble(text: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "sid": text["sid"],
        "from_phone": text["from_phone"],
        "body": text["body"],
        "at": text["at"],
        "time": _clock_time(text["at"], zone),
    }


def _clock_time(moment: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%H:%M:%S")
