"""Connections to PostgreSQL that end: a server that is frozen, a network that is parted and a client of ours that is frozen in
the middle of a transaction each hold up the others for seconds, and not for ever.

No time limit on the server helps against a server that is frozen, and no limit of the network helps while its kernel still
answers: so we keep one ourselves.
"""

from __future__ import annotations

import select
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import DisconnectionError

ANSWER_WITHIN_S = 30.0
"""No statement of ours takes a tenth of this, but those of migrations."""
_LOOK_EVERY_S = 0.1
_CONNECT_TIMEOUT_S = 5
_NETWORK = {
    "connect_timeout": _CONNECT_TIMEOUT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}
"""A machine at the other end that is gone is noticed within 11 s. In seconds, but for the last one's milliseconds."""
_LIMITS = {
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "10s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "8s",
}
"""What the server does about a client that is frozen or gone: its locks are free again after 10 s."""
_OPTIONS = " ".join(f"-c {name}={value}" for name, value in _LIMITS.items())
T = TypeVar("T")


class _Answered(psycopg.Connection[Any]):
    """A connection that is closed when the server does not answer."""

    def wait(self, gen: PQGen[T], interval: float = _LOOK_EVERY_S, timeout: float | None = None) -> T:
        """Wait for the server; raises OperationalError when it does not answer in time."""
        try:
            return super().wait(gen, interval, ANSWER_WITHIN_S if timeout is None else timeout)
        except psycopg.errors.IdleInTransactionSessionTimeout as error:
            raise psycopg.OperationalError(str(error)) from None  # a lost connection like any other, and no defect of ours
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # no answer came, so an error is not one
                self.pgconn.finish()
            raise


def connect(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> psycopg.Connection[Any]:
    """Connect as SQLAlchemy's `do_connect` asks; what the address itself says of these limits wins."""
    return _Answered.connect(*arguments, **{**_NETWORK, "options": _OPTIONS, **options})


def connect_patiently(
    _dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]
) -> psycopg.Connection[Any]:
    """The same for statements that may take minutes; only whoever is gone is noticed."""
    return psycopg.Connection.connect(*arguments, **{**_NETWORK, **options})


def replace_what_ended(connection: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
    """As SQLAlchemy's `checkout` asks: a pooled connection that has ended meanwhile is replaced before anybody uses it.

    Its end lies on the socket and waits to be read; only where something does is the server asked. To ask it each time, as
    `pool_pre_ping` does, is one of the four round trips of a transaction with one statement.
    """
    if connection.closed or _has_something_to_say(connection):
        try:
            connection.execute("")
            connection.rollback()
        except psycopg.Error as error:
            raise DisconnectionError(str(error)) from error


def _has_something_to_say(connection: psycopg.Connection[Any]) -> bool:
    ready = select.poll()
    ready.register(connection.fileno(), select.POLLIN)
    return bool(ready.poll(0))
