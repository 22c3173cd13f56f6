"""The process from which parts are copied: it has read all the code, and it never has a second thread or a connection.

A part that is copied, not started afresh, is up in no time and shares the memory of the code with the others. The supervisor
cannot be copied itself once it speaks and writes down who died; so it has a copy made of itself before, which waits for orders.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import NoReturn

from scripts.lib import run
from scripts.lib.forking import MOST_DESCRIPTORS, Forked, live_on
from scripts.lib.orphans import die_with

POSSIBLE = sys.platform == "linux"
"""macOS forbids what its frameworks do in a process that was copied, and nowhere else can a grandchild be adopted."""
ANSWER_WITHIN_S = 2.0
_PR_SET_CHILD_SUBREAPER = 36
_MOST_BYTES = 65536
_GO = b"go"


class Gone(Exception):
    """There is no nursery any more: parts have to be started afresh."""


@dataclass(frozen=True)
class Order:
    """A part that is wanted: what `run.run` is told."""

    place: str
    name: str
    arguments: list[str]


class Nursery:
    """The supervisor's end of it. Open it before there is a second thread, a connection or a door."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        gc.collect()
        gc.freeze()  # what is shared stays shared: nobody looks through it for garbage any more
        supervisor = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            _serve(theirs, supervisor)
        theirs.close()
        ours.settimeout(ANSWER_WITHIN_S)
        self._socket = ours

    def start(self, order: Order, door: int | None) -> Forked:
        """A copy that runs this part, as a child of this process; the descriptor `door`, if any, is its descriptor DOOR.

        Raises OSError when no process or descriptor is left just now, `Gone` when the nursery does not answer.
        """
        hears, says = os.pipe()
        try:
            pid = self._have(order, [says, *([] if door is None else [door])])
        except BaseException:
            os.close(hears)
            raise
        finally:
            os.close(says)
        return Forked(pid, open(hears, "rb", buffering=0))  # unbuffered: it is read by its descriptor

    def _have(self, order: Order, descriptors: list[int]) -> int:
        waits, gate = os.pipe()
        try:
            with _adopting():
                pid = self._ask(order, [waits, *descriptors])
            # It has waited: nobody runs whom the supervisor does not know, and it is a child of the supervisor by now.
            os.write(gate, _GO)
            return pid
        finally:
            os.close(waits)
            os.close(gate)

    def _ask(self, order: Order, descriptors: list[int]) -> int:
        try:
            socket.send_fds(self._socket, [json.dumps(asdict(order)).encode()], descriptors)
            answer = self._socket.recv(_MOST_BYTES)
        except TimeoutError as error:
            raise Gone("does not answer") from error
        except OSError as error:
            raise Gone("has ended") from error
        if not answer:
            raise Gone("has ended")
        told = json.loads(answer)
        if "errno" in told:
            raise OSError(told["errno"], os.strerror(told["errno"]))
        return int(told["pid"])

    def close(self) -> None:
        """End it."""
        self._socket.close()
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


@contextmanager
def _adopting() -> Iterator[None]:
    """Whose parent ends meanwhile becomes a child of this process. Not for longer: what a part leaves behind is not ours."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0)


def _serve(orders: socket.socket, supervisor: int) -> NoReturn:
    try:
        os.setsid()  # a Ctrl-C in the terminal is not for it
        die_with(supervisor)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.closerange(3, orders.fileno())
        os.closerange(orders.fileno() + 1, MOST_DESCRIPTORS)
        while True:
            data, descriptors, _flags, _address = socket.recv_fds(orders, _MOST_BYTES, 3)
            if not data:
                os._exit(0)
            orders.send(json.dumps(_copy(partial(run.run, supervisor, **json.loads(data)), descriptors)).encode())
            for descriptor in descriptors:
                os.close(descriptor)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)


def _copy(part: Callable[[], None], descriptors: list[int]) -> dict[str, int]:
    """Have a grandchild, whose parent ends at once: the supervisor adopts it."""
    told, tells = os.pipe()
    try:
        between = os.fork()
        if between == 0:
            _between(part, descriptors, tells)
        status = os.waitstatus_to_exitcode(os.waitpid(between, 0)[1])
        return {"errno": status} if status else {"pid": int(os.read(told, 32))}
    except OSError as error:
        return {"errno": error.errno or 1}
    finally:
        os.close(told)
        os.close(tells)


def _between(part: Callable[[], None], descriptors: list[int], tells: int) -> NoReturn:
    """The grandchild's parent, for a moment."""
    try:
        pid = os.fork()
        if pid == 0:
            _begin(part, *descriptors)
        os.write(tells, str(pid).encode())
    except OSError as error:
        os._exit(error.errno or 1)
    os._exit(0)


def _begin(part: Callable[[], None], gate: int, output: int, door: int | None = None) -> NoReturn:
    """Wait for the word of the supervisor, then be the part. Without it nobody knows of this process."""
    # The other end is inherited by nobody but the supervisor: when it lets go of it, this reads nothing.
    if os.read(gate, len(_GO)) != _GO:
        os._exit(1)
    live_on(part, output, door)
