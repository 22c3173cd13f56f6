"""Which ports are free."""

from __future__ import annotations

import random
import socket

from scripts.lib.terminal import Refusal

BACKLOG = 1024
"""How many connections wait while nobody accepts any: some seconds of the busiest webhooks. Linux cuts it to somaxconn."""

NOBODYS = range(20_000, 32_000)
"""Ports below those that Linux gives to outgoing connections: one of these is not taken between looking and listening."""


def claim(host: str, port: int) -> None:
    """Refuse with a clear reason when `port` on `host` cannot be listened on."""
    try:
        listen(host, port).close()
    except socket.gaierror as error:
        raise Refusal(f"--host {host}: not an address of this machine ({error.strerror})") from error
    except OSError as error:
        raise Refusal(f"port {port} on {host} cannot be used ({error.strerror}); choose another with --port") from error


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OSError when it cannot."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    door = socket.socket(family, kind, protocol)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen(BACKLOG)
    except OSError:
        door.close()
        raise
    return door


def free(count: int = 1, host: str = "127.0.0.1") -> int:
    """A free port of `host` with the `count - 1` ports above it free as well."""
    for _ in range(100):
        first = random.choice(NOBODYS)
        if all(_is_free(host, first + more) for more in range(count)):
            return first
    raise Refusal(f"no {count} free ports in a row on {host}")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
