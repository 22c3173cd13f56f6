"""What the processes say is kept, shown and turned over, and nothing about it ever stops anybody."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.lib.logs import FULL_AT_BYTES, Log


def test_warnings_go_to_the_terminal_once_and_everything_to_the_file(tmp_path: Path) -> None:
    log = Log(tmp_path, "web")
    said = b"2026-11-23T01:52:14Z [info     ] fine\n2026-11-23T01:52:15Z [warning  ] no Redis"
    assert log.write(said) == []
    assert log.write(b" here\n2026-11-23T01:52:16Z [warning  ] no Redis here\nTrace") == ["[warning  ] no Redis here"]
    log.close()
    assert (tmp_path / "web.log").read_bytes().count(b"no Redis") == 2


def test_a_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    log = Log(tmp_path, "web")
    log.write(b"x" * (FULL_AT_BYTES + 1))
    log.write(b"new\n")
    log.close()
    assert (tmp_path / "web.log").read_bytes() == b"new\n"
    assert (tmp_path / "web.log.1").stat().st_size == FULL_AT_BYTES + 1


def test_a_log_that_has_no_room_stops_nobody(tmp_path: Path) -> None:
    """The supervisor writes everybody's logs: a full disk may not end it, and with it everything."""
    (tmp_path / "web.log").symlink_to("/dev/full")
    log = Log(tmp_path, "web")
    assert log.write(b"2026-11-23T01:52:14Z [warning  ] no room\n") == ["[warning  ] no room"]
    log.close()


def test_a_log_that_cannot_be_begun_anew_stops_nobody_and_is_as_soon_as_it_can(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log = Log(folder, "web")
    log.write(b"x" * (FULL_AT_BYTES + 1))
    shutil.rmtree(folder)
    assert log.write(b"2026-11-23T01:52:14Z [warning  ] one\n") == ["[warning  ] one"]
    assert log.write(b"2026-11-23T01:52:14Z [warning  ] two\n") == ["[warning  ] two"]
    folder.mkdir()
    log.write(b"new\n")
    log.close()
    assert (folder / "web.log").read_bytes() == b"new\n"
