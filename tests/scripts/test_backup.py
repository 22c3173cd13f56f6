"""`scripts/manage backup` and `restore`, called as a person calls them, on both databases: whole, verified, and nobody erased
comes back."""

from __future__ import annotations

import os
import sqlite3
import tarfile
import threading
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text

from console.accounts import sessions, users
from console.models import UserSession
from core import backup, clock, milestones
from core.events import Event
from core.services import Services, open_services
from core.settings import load
from dispatch.retention import strangers
from responder import erasure, erasure_list
from responder.models import Responder
from scripts.lib import guards
from scripts.lib.start_options import PARTS
from sms.models import IN, Contact, Message
from tests.scripts.conftest import Call

CSV = (
    "external_id,name,phone,home_lat,home_lon,consent_at\n"
    "a1,Anna Aalto,+358401234567,60.17,24.94,2026-01-01\n"
    "a2,Bo Berg,+358401234568,60.17,24.94,2026-01-01\n"
)


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "link"])
def test_an_archive_that_reaches_out_of_its_folder_is_no_backup(tmp_path: Path, name: str) -> None:
    file, member = tmp_path / "in" / "made-up.tar.gz", tarfile.TarInfo(name)
    file.parent.mkdir()
    if name == "link":
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(file, "w:gz") as archive:
        archive.addfile(member)
    with pytest.raises(backup.Unusable, match="no part of a backup"):
        backup.verify(file)
    assert not (tmp_path / "outside").exists()


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(
    request: pytest.FixtureRequest, data: Path, call_manage: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """A data folder with two people, on a database of its own."""
    if request.param == "postgresql":
        monkeypatch.setenv("DATABASE_URL", _own_database(request.getfixturevalue("postgresql_url")))
    people = tmp_path / "people.csv"
    people.write_text(CSV)
    assert call_manage("import-responders", people) == 0
    with _services() as services:
        services.settings.secret  # noqa: B018  # makes the key
    return data


def _own_database(url: str) -> str:
    name = f"b{uuid.uuid4().hex[:12]}"
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?", 1) if "/postgres?" in url else url.rpartition("/")[0] + f"/{name}"


class _services:
    """The tools of one process, given back at the end."""

    def __enter__(self) -> Services:
        self.services = open_services(load())
        return self.services

    def __exit__(self, *_: object) -> None:
        self.services.database.close()


def _names() -> dict[str, str]:
    with _services() as services, services.read() as session:
        return dict(session.execute(select(Responder.external_id, Responder.name)).all())


def _count(model: type[object]) -> int:
    with _services() as services, services.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_there_and_back(installation: Path, call_manage: Call, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    (installation / guards.MARKER).write_text("2026-01-01\n")
    secret = (installation / "secret_key").read_bytes()
    assert call_manage("backup", file) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    with _services() as services, services.write() as session:
        session.get_one(Responder, 1).name = "Somebody else"
        session.add(Contact(phone="+358409999999", created_at=clock.now()))
    (installation / "secret_key").write_text("another")
    assert call_manage("restore", file) == 0
    assert _names() == {"a1": "Anna Aalto", "a2": "Bo Berg"}
    assert _count(Contact) == 2
    assert (installation / "secret_key").read_bytes() == secret
    assert (installation / guards.MARKER).exists()
    with _services() as services, services.write() as session:  # counters go on behind the rows that came back
        session.add(Contact(phone="+358409999999", created_at=clock.now()))
        session.flush()
        assert session.scalar(select(Event.number).where(Event.kind == "restored")) == session.scalar(
            select(func.max(Event.number))
        )


def test_what_was_there_is_kept_beside(installation: Path, call_manage: Call, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    assert call_manage("backup", file) == 0
    with _services() as services, services.write() as session:
        session.get_one(Responder, 1).name = "Later"
        sqlite = services.database.is_sqlite
    assert call_manage("restore", file) == 0
    (aside,) = installation.glob("before-restore-*")
    if sqlite:
        with closing(sqlite3.connect(aside / "doorstep.sqlite3")) as old:
            assert old.execute("SELECT name FROM responders WHERE id = 1").fetchone() == ("Later",)
    else:
        with _services() as services, services.database.engine.connect() as connection:
            schema = aside.name.replace("-", "_")
            assert connection.execute(text(f"SELECT name FROM {schema}.responders WHERE id = 1")).scalar() == "Later"


def test_nobody_who_was_erased_since_comes_back(installation: Path, call_manage: Call, tmp_path: Path) -> None:
    file, now, stranger = tmp_path / "b.tar.gz", clock.now(), {"phone": "+447700900777", "body": "wrong number, sorry"}
    with _services() as services, services.write() as session:
        text = {"direction": IN, "purpose": "answer", "created_at": now, "handled_at": now, **stranger}
        session.add(Message(id="f" * 26, **text))
    assert call_manage("backup", file) == 0
    with _services() as services, services.write() as session:
        erasure.erase(session, "a1", "user:ada")
        assert strangers.erase_texts(session, [session.get_one(Message, "f" * 26)]) == 1
    assert call_manage("restore", file) == 0
    assert _names() == {"erased-1": "", "a2": "Bo Berg"}
    with _services() as services, services.read() as session:
        assert session.execute(select(Message.phone, Message.body)).all() == [("", "")]
        assert "+358401234567" not in session.scalars(select(Contact.phone)).all()
        assert session.scalar(select(Event.actor).where(Event.kind == "responder_erased")) == "operator"


def test_the_list_beside_the_database_is_enough(installation: Path, call_manage: Call, tmp_path: Path) -> None:
    """The database is lost; the folder's list of erasures is not, and names of it only the person it meant."""
    file = tmp_path / "b.tar.gz"
    assert call_manage("backup", file) == 0
    with _services() as services:
        with services.write() as session:
            erasure.erase(session, "a1", "user:ada")
        assert erasure_list.keep(services) == 1
        path = installation / erasure_list.FILE
        (who,) = erasure_list.of_file(path)
        strangers = erasure_list.Erased(2, who.entered_at.replace(year=2020))
        erasure_list.write(path, {who, strangers})
        if not services.database.is_sqlite:
            pytest.skip("on PostgreSQL the database is never in the folder")
    (installation / "doorstep.sqlite3").write_bytes(b"broken")
    assert call_manage("restore", file) == 0
    assert _names() == {"erased-1": "", "a2": "Bo Berg"}


def test_everybody_signs_in_anew(installation: Path, call_manage: Call, tmp_path: Path) -> None:
    with _services() as services, services.write() as session:
        user = users.add(session, "ada", "admin", "correct horse battery", "operator", given=False)
        sessions.begin(session, user, "127.0.0.1", "a test")
    assert call_manage("backup", tmp_path / "b.tar.gz") == 0
    assert call_manage("restore", tmp_path / "b.tar.gz") == 0
    with _services() as services, services.read() as session:
        assert session.scalars(select(UserSession.ended_at)).one() is not None


def test_made_while_others_write_it_is_one_moment(installation: Path, call_manage: Call, tmp_path: Path) -> None:
    """Two rows that are always written together are both in it or both not."""
    stop, started = threading.Event(), threading.Event()

    def write() -> None:
        with _services() as services:
            number = 0
            while not stop.is_set():
                number += 1
                with services.write() as session:
                    session.add(Contact(phone=f"+4477{number:08d}", created_at=clock.now()))
                    session.flush()
                    milestones.reach(session, "pairs", "system", number=number)
                started.set()

    writer = threading.Thread(target=write)
    writer.start()
    started.wait(10)
    try:
        assert call_manage("backup", tmp_path / "b.tar.gz") == 0
    finally:
        stop.set()
        writer.join()
    assert call_manage("restore", tmp_path / "b.tar.gz") == 0
    with _services() as services, services.read() as session:
        pairs = session.get_one(milestones.Milestone, "pairs").data["number"]
        assert session.scalar(select(func.count()).where(Contact.phone.like("+4477%"))) == pairs


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
class TestRefusals:
    """What is refused changes nothing and says why in one line."""

    def _refused(self, capsys: pytest.CaptureFixture[str], status: int) -> str:
        assert status == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1, said
        return said

    def test_while_it_runs(
        self, installation: Path, call_manage: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert call_manage("backup", tmp_path / "b.tar.gz") == 0
        capsys.readouterr()
        for part in ("all", *PARTS):
            with guards.lock_folder(installation, part):
                assert "runs already" in self._refused(capsys, call_manage("restore", tmp_path / "b.tar.gz"))

    @pytest.mark.parametrize("broken", ["cut", "flipped", "empty", "text"])
    def test_a_damaged_file(
        self, installation: Path, call_manage: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: str
    ) -> None:
        file = tmp_path / "b.tar.gz"
        assert call_manage("backup", file) == 0
        capsys.readouterr()
        raw = file.read_bytes()
        middle = len(raw) // 2
        file.write_bytes(
            {
                "cut": raw[:middle],
                "flipped": raw[:middle] + bytes([raw[middle] ^ 0xFF]) + raw[middle + 1 :],
                "empty": b"",
                "text": b"hello",
            }[broken]
        )
        said = self._refused(capsys, call_manage("restore", file))
        assert "nothing was changed" in said
        assert _names() == {"a1": "Anna Aalto", "a2": "Bo Berg"}
        assert not list(installation.glob("before-restore-*"))

    def test_another_kind_of_database(
        self,
        installation: Path,
        call_manage: Call,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        assert call_manage("backup", tmp_path / "b.tar.gz") == 0
        capsys.readouterr()
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        assert "of the same kind" in self._refused(capsys, call_manage("restore", tmp_path / "b.tar.gz"))

    def test_a_missing_folder(self, installation: Path, call_manage: Call, capsys: pytest.CaptureFixture[str]) -> None:
        capsys.readouterr()
        assert "there is no folder" in self._refused(capsys, call_manage("backup", "/no/such/folder/b.tar.gz"))

    def test_a_damaged_database(
        self, installation: Path, call_manage: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """No backup is better than one that would not come back; the old one stays."""
        file = tmp_path / "b.tar.gz"
        assert call_manage("backup", file) == 0
        before = file.read_bytes()
        with closing(sqlite3.connect(installation / "doorstep.sqlite3")) as database:
            database.execute("PRAGMA foreign_keys=OFF")
            database.execute("UPDATE responders SET contact_id = 999 WHERE id = 1")
            database.commit()
        capsys.readouterr()
        assert "refers to one" in self._refused(capsys, call_manage("backup", file))
        assert file.read_bytes() == before
        assert not list(tmp_path.glob(".backup-*"))

    def test_a_folder_gets_dated_files_and_keeps_seven(
        self, installation: Path, call_manage: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "backups"
        folder.mkdir()
        for number in range(9):
            (folder / f"doorstep-2026010{number}-000000.tar.gz").touch()
        assert call_manage("backup", folder) == 0
        kept = sorted(path.name for path in folder.iterdir())
        assert len(kept) == 7
        backup.verify(folder / kept[-1])

    def test_what_it_holds_is_told_to_the_go_live_list(self, installation: Path, call_manage: Call, tmp_path: Path) -> None:
        assert call_manage("backup", tmp_path / "b.tar.gz") == 0
        with _services() as services, services.read() as session:
            made = milestones.reached(session)[milestones.BACKUP]
        assert made.data["verified"] is True
        assert str(tmp_path) not in str(made.data)


def test_texts_are_in_it_too(installation: Path, call_manage: Call, tmp_path: Path) -> None:
    """Bytes, nulls, line breaks and backslashes come back as they were."""
    words = 'line\nbreak \\N \\. tab\t "quoted" – ä \u2603'
    with _services() as services, services.write() as session:
        session.add(
            Message(id="m" * 26, direction="in", phone="+1", body=words, purpose="", created_at=clock.now(), state=None)
        )
    assert call_manage("backup", tmp_path / "b.tar.gz") == 0
    with _services() as services, services.write() as session:
        session.delete(session.get_one(Message, "m" * 26))
    assert call_manage("restore", tmp_path / "b.tar.gz") == 0
    with _services() as services, services.read() as session:
        assert session.get_one(Message, "m" * 26).body == words
    assert os.environ["DATA_DIR"] == str(installation)
