"""What runs as the part `live`: the stream over the desk's changes and the console's sign-ins."""

from __future__ import annotations

import asyncio

from console.live.serving import Server, serve
from core import settings
from core.services import open_services
from dispatch.desk.board import changes


def main(host: str, port: int) -> None:
    """Serve on HOST and PORT until SIGTERM; OSError when they cannot be used."""
    services = open_services(settings.load())
    asyncio.run(serve(Server(services, changes), host, port))
