"""What a process keeps of slowly changing tables, checked by one cheap query whether it is still true."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session

T = TypeVar("T")


class VersionedCache(Generic[T]):
    """Values by key, each remembered with the version of the rows it was made from, apart for every database."""

    def __init__(self) -> None:
        self._by_pool: WeakKeyDictionary[Any, dict[Hashable, tuple[object, T]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, session: Session, key: Hashable, version: object, make: Callable[[], T]) -> T:
        """The value under `key`, made anew when `version` is not the one it was made from."""
        # The pool is what all engines of one database share, however their transactions begin.
        pool = session.get_bind().engine.pool
        with self._lock:
            known = self._by_pool.setdefault(pool, {})
        found = known.get(key)
        if found is not None and found[0] == version:
            return found[1]
        value = make()
        known[key] = (version, value)
        return value
