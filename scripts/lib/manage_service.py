"""`scripts/manage install-service`: systemd units that run Doorstep and back it up every night."""

from __future__ import annotations

import argparse
import os
import pwd
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from core.settings import Settings
from scripts.lib import redis_server
from scripts.lib.bootstrap import ROOT
from scripts.lib.first_things import read_settings
from scripts.lib.terminal import Refusal, say

UNITS = Path("/etc/systemd/system")
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")

_HARDENING = """\
NoNewPrivileges=yes
ProtectSystem=strict
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
UMask=0077
"""
_SERVICE = """\
[Unit]
Description=Doorstep: community first-responder dispatch by SMS
After=network-online.target postgresql.service redis-server.service
Wants=network-online.target

[Service]
User={user}
WorkingDirectory={root}
ExecStart={start} --data {data} --host {host} --port {port} --no-demo
Restart=always
RestartSec=2
TimeoutStopSec=30
KillMode=mixed
LimitNOFILE=8192
{protected}
[Install]
WantedBy=multi-user.target
"""
_BACKUP = """\
[Unit]
Description=Doorstep: a verified backup

[Service]
Type=oneshot
User={user}
WorkingDirectory={root}
ExecStart={manage} --data {data} backup {backups}
Nice=10
{protected}"""
_TIMER = """\
[Unit]
Description=Doorstep: a verified backup every night

[Timer]
OnCalendar=*-*-* 03:30
RandomizedDelaySec=10min
Persistent=yes

[Install]
WantedBy=timers.target
"""


def install_service(given: argparse.Namespace) -> int:
    """Print the units, and write them unless that was not wanted or this is not root."""
    settings = read_settings()
    data = settings.data_dir.absolute()
    units = _units(_user(given.user), given.host, given.port, data, settings)
    for name, unit in units.items():
        say(f"# {UNITS / name}\n{unit}")
    if given.print:
        return 0
    if os.geteuid() != 0:
        raise Refusal(f"only root may write to {UNITS}: run this with sudo, or with --print and put the units there yourself")
    _make_folder(data / "backups", units)
    for name, unit in units.items():
        (UNITS / name).write_text(unit, encoding="utf-8")
    say("Written. Now: systemctl daemon-reload && systemctl enable --now doorstep doorstep-backup.timer")
    return 0


def _units(user: str, host: str, port: int, data: Path, settings: Settings) -> Mapping[str, str]:
    protected = _protected(data, settings)
    facts = {
        "user": user,
        "root": _escaped(ROOT),
        "start": _quoted(ROOT / "scripts" / "start"),
        "manage": _quoted(ROOT / "scripts" / "manage"),
        "data": _quoted(data),
        "backups": _quoted(data / "backups"),
        "host": host,
        "port": port,
        "protected": protected,
    }
    return {
        "doorstep.service": _SERVICE.format(**facts),
        "doorstep-backup.service": _BACKUP.format(**facts),
        "doorstep-backup.timer": _TIMER,
    }


def _protected(data: Path, settings: Settings) -> str:
    """Everything is read-only but the data folder and the checkout (an update installs libraries into its .venv)."""
    writable = [ROOT, data]
    lines = "PrivateTmp=yes\n"
    if settings.redis_url is None and not redis_server.fits(data):
        # Redis' socket is in /tmp because the data folder's path is too long for one, and scripts/manage must find it there.
        writable.append(Path(tempfile.gettempdir()))
        lines = ""
    at_home = any(path.is_relative_to("/home") or path.is_relative_to("/root") for path in writable)
    lines += f"ProtectHome={'read-only' if at_home else 'yes'}\n"
    return _HARDENING + lines + "ReadWritePaths=" + " ".join(_quoted(path) for path in dict.fromkeys(writable)) + "\n"


def _user(named: str | None) -> str:
    """Whom it runs as: whoever is named, else the owner of the checkout. Never root by accident."""
    user = named or pwd.getpwuid(ROOT.stat().st_uid).pw_name
    if not _NAME.fullmatch(user):
        raise Refusal(f"--user {user}: not the name of an account")
    try:
        pwd.getpwnam(user)
    except KeyError:
        raise Refusal(f"--user {user}: there is no such account; adduser --system --group {user}") from None
    if user == "root" and named is None:
        raise Refusal("this checkout belongs to root, and Doorstep needs no root: name an account with --user")
    return user


def _make_folder(folder: Path, units: Mapping[str, str]) -> None:
    user = next(line.removeprefix("User=") for line in units["doorstep.service"].splitlines() if line.startswith("User="))
    account = pwd.getpwnam(user)
    for path in (folder.parent, folder):
        if not path.exists():
            path.mkdir(mode=0o700, parents=True)
            os.chown(path, account.pw_uid, account.pw_gid)


def _escaped(path: Path) -> str:
    """A path where systemd takes the rest of the line, and expands per cent signs."""
    return str(path).replace("%", "%%")


def _quoted(path: Path) -> str:
    """A path as one word of a systemd command line."""
    escaped = _escaped(path).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'
