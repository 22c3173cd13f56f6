"""Mail and webhooks to operators, through apprise: each on a thread of its own, within seconds, and never in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import apprise

from core import fault_kinds, faults, log
from core.services import Services
from dispatch.operators.telling import Notice

TIMEOUT_S = 5.0
"""To connect, and again to read: apprise's own is 15 s for a mail server."""
_ASSET = apprise.AppriseAsset(app_id="Doorstep", app_desc="Doorstep", app_url="", async_mode=False)
_log = log.get("operators")


def opened(address: str) -> apprise.NotifyBase | None:
    """The service behind an address; None when apprise knows none."""
    separator = "&" if "?" in address else "?"
    timed = f"{address}{separator}cto={TIMEOUT_S:g}&rto={TIMEOUT_S:g}"
    service = apprise.Apprise.instantiate(timed, asset=_ASSET, suppress_exceptions=True)
    return service if isinstance(service, apprise.NotifyBase) else None


def shown(address: str) -> str:
    """An address as logs and pages may show it: which service, where, and no name, key or password."""
    scheme, _, rest = address.partition("://")
    host = rest.split("?")[0].split("/")[0].rpartition("@")[2]
    return f"{scheme}://{host}"


def post_one(address: str, notice: Notice) -> bool:
    """Post to one address and wait for it. Returns whether the service took it."""
    try:
        service = opened(address)
        if service is None:
            return False
        return bool(service.notify(body=notice.body, title=notice.title, notify_type=apprise.NotifyType.WARNING))
    except Exception:
        _log.exception("an alert broke", address=shown(address))
        return False


def post(services: Services, addresses: Iterable[str], notice: Notice) -> list[threading.Thread]:
    """Post to each address beside whatever else goes on. One that takes nothing is a fault, which the others are told of."""
    return [_beside(post_noted, services, address, notice) for address in addresses]


def post_unnoted(addresses: Iterable[str], notice: Notice) -> list[threading.Thread]:
    """The same while nothing can be written down."""
    return [_beside(post_one, address, notice) for address in addresses]


def _beside(work: Callable[..., object], *given: object) -> threading.Thread:
    # Daemons: a mail server that hangs must not keep the process alive.
    thread = threading.Thread(target=work, args=given, name="operator-alert", daemon=True)
    thread.start()
    return thread


def post_noted(services: Services, address: str, notice: Notice) -> bool:
    """Post to one address and wait for it; whether it took it is a fault's beginning or end. Returns that."""
    taken, where = post_one(address, notice), shown(address)
    _log.info("operators told" if taken else "an operator's address takes nothing", address=where)
    try:
        with services.write() as session:
            if taken:
                faults.end(session, fault_kinds.ALERT_FAILED, where)
            else:
                faults.stand(session, fault_kinds.ALERT_FAILED, where)
    except Exception:
        _log.exception("what became of an alert could not be stored", address=where)
    return taken
