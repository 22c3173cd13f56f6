"""Passwords: what is good enough, and argon2id hashes of them, worked out a few at a time."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.problems import field_problem
from core.words import fill

SHORTEST, LONGEST = 12, 500
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike: a password made for somebody is read aloud or copied by hand."""
_GROUPS, _GROUP = 4, 5

# 50 to 100 ms and 32 MB on one core of a small machine: a guess costs that much, and a sign-in is not felt.
_hasher = PasswordHasher(time_cost=2, memory_cost=32768, parallelism=1)
_NOBODYS = _hasher.hash(secrets.token_urlsafe(16))


class Busy(Exception):
    """Too many passwords are being checked just now."""


class Turns:
    """Lets one password at a time be checked, and a few wait: a flood of guesses must not take the threads and the cores that
    answers and emergencies need."""

    def __init__(self, waiting: int, patience_s: float) -> None:
        self._places = threading.BoundedSemaphore(1 + waiting)
        self._turn = threading.Lock()
        self._patience_s = patience_s

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn. Raises Busy when too many wait already or it takes too long."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            if not self._turn.acquire(timeout=self._patience_s):
                raise Busy
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._places.release()


def check_new(password: str, pointer: str = "/password") -> None:
    """Raise a Problem 422 unless `password` may become somebody's. Length is all that counts."""
    length = len(_normal(password))
    if length < SHORTEST:
        said = fill(
            "at least {least} characters; this one has {length}. Three or four words do well", least=SHORTEST, length=length
        )
        raise field_problem(pointer, said)
    if length > LONGEST:
        raise field_problem(pointer, fill("at most {most} characters", most=LONGEST))


def generate() -> str:
    """A password that nobody can guess (99 bits) and everybody can copy."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def hashed(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(_normal(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one that `kept` is a hash of. None (nobody of that name) takes just as long, and is False."""
    try:
        right = _hasher.verify(kept or _NOBODYS, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether `kept` was made with other costs than today's, and is worth making anew."""
    return _hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    # Two keyboards may type the same letter as one character or as two.
    return unicodedata.normalize("NFKC", password[: LONGEST * 4])
