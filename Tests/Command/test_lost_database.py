# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A missing database is not silently made again, and what is left of it is kept."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Server, on
from harness import eventually, free_port
from postgres import Postgres

needs_postgres = pytest.mark.skipif(not Postgres.is_installed(), reason="postgresql-15 is not installed")


def note(installation) -> dict:
    return json.loads((installation.data / "database.json").read_text())


def serve_flags() -> list[str]:
    return ["serve", "--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}"]


def refused(installation, **environment) -> str:
    """Returns the message of a `serve` that does not start."""
    return installation.run(*serve_flags(), expect=1, **environment).err


def doctor(installation, **environment) -> dict[str, dict]:
    ports = ["--listen", f"127.0.0.1:{free_port()}", "--desks", f"127.0.0.1:{free_port()}"]
    report = installation.json("doctor", *ports, expect=1, **environment)
    return {check["name"]: check for check in report["checks"]}


def lose(installation, how: str) -> None:
    log = Path(f"{installation.database}-wal")
    if how == "emptied beside a full log":
        # Data that no checkpoint has brought into the file is only in the log.
        kept = sqlite3.connect(installation.database)
        kept.execute("PRAGMA wal_autocheckpoint = 0")
        kept.execute("UPDATE revision SET committed_at = committed_at")
        kept.commit()
        content = log.read_bytes()
        kept.close()
        log.write_bytes(content)
        assert log.stat().st_size > 0
    if how == "removed":
        for suffix in ["", "-wal", "-shm"]:
            Path(f"{installation.database}{suffix}").unlink(missing_ok=True)
    else:
        installation.database.write_bytes(b"")


@pytest.mark.parametrize("how", ["removed", "emptied", "emptied beside a full log"])
def test_a_server_whose_database_is_gone_refuses_and_says_what_to_do(office, how):
    office.add()
    path = office.json("backup")["file"]
    lose(office, how)
    before = sorted(item.name for item in office.data.iterdir())
    log = Path(f"{office.database}-wal")
    content = log.read_bytes() if log.exists() else None
    error = refused(office)
    assert f"consultease restore '{path}'" in error and "--new-database" in error and note(office)["lineage"] in error
    assert len(error.strip().splitlines()) == 1
    # A second start, a check, and a command change nothing either.
    assert "--new-database" in refused(office)
    check = doctor(office)["database"]
    assert check["status"] == "failed" and path in check["fix"]
    office.run("faculty", "list", expect=1)
    assert sorted(item.name for item in office.data.iterdir()) == before
    assert (log.read_bytes() if log.exists() else None) == content
    # This follows the message's own advice.
    office.run("restore", path, "--replace")
    Server(office).stop()
    assert len(office.people()) == 1


def test_beginning_anew_is_possible_on_purpose_and_throws_nothing_away(office):
    office.add()
    lose(office, "emptied beside a full log")
    content = Path(f"{office.database}-wal").read_bytes()
    former = note(office)["lineage"]
    process = office.start(*serve_flags(), "--new-database", "--json")
    try:
        assert process.stdout.readline()
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert office.people() == {}
    assert note(office)["lineage"] != former
    (aside,) = office.data.glob("consultease.sqlite-wal.set-aside-*")
    assert aside.read_bytes() == content
    Server(office).stop()


def test_a_new_folder_asks_nothing_and_notes_what_it_serves(empty):
    Server(empty).stop()
    assert note(empty)["database"] == str(empty.database)
    assert note(empty)["lineage"] == empty.json("faculty", "list")["revision"].split("-")[0]
    Server(empty).stop()


def test_a_folder_whose_note_is_torn_still_serves_its_database_and_still_misses_it(office):
    (office.data / "database.json").write_bytes(b"")
    Server(office).stop()
    assert note(office)["database"] == str(office.database)
    (office.data / "database.json").write_bytes(b"\0" * 90)
    lose(office, "removed")
    assert "can't be read" in refused(office)


def test_backups_alone_tell_that_there_was_a_database(office):
    office.add()
    path = office.json("backup")["file"]
    for item in office.data.iterdir():
        if item.name != "backups":
            shutil.rmtree(item) if item.is_dir() else item.unlink()
    assert path in refused(office)
    office.run("restore", path)
    Server(office).stop()
    assert len(office.people()) == 1


def test_a_restored_database_is_served_without_questions(office):
    office.add()
    path = office.json("backup")["file"]
    restored = office.json("restore", path, "--replace")
    assert note(office)["lineage"] == restored["lineage"]
    running = Server(office)
    running.stop()
    assert "another lineage" not in running.log.read_text()


def test_a_moved_database_is_served_without_questions(office, folder):
    office.add()
    target = folder / "moved.sqlite"
    office.run("move", "--from", f"sqlite:{office.database}", "--to", f"sqlite:{target}")
    process = office.start(*serve_flags(), "--json", "--database", f"sqlite:{target}")
    try:
        assert process.stdout.readline()
    finally:
        process.terminate()
        error = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 0, error
    assert "another lineage" in error and note(office)["database"] == str(target)
    # Without the flag the folder's own database is used, and it exists.
    Server(office).stop()


def test_a_forgotten_database_flag_begins_no_other_database(empty, folder):
    place = folder / "elsewhere.sqlite"
    process = empty.start(*serve_flags(), "--json", "--database", f"sqlite:{place}")
    try:
        assert process.stdout.readline()
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert f"{place}" in refused(empty) and not empty.database.exists()


def test_rotation_keeps_the_last_good_backup_of_another_lineage(office):
    office.add("Dr. Ana Reyes", "Physics")
    backups = office.data / "backups"
    first = Path(office.json("backup")["file"])
    old = [backups / f"consultease-2020010{day}T000000Z.backup" for day in (1, 2, 3)]
    first.rename(old[0])
    Path(office.json("backup")["file"]).rename(old[1])
    # The newest backup of that lineage can't be read.
    old[2].write_bytes(old[1].read_bytes()[:5000])
    lose(office, "removed")
    process = office.start(*serve_flags(), "--new-database", "--json")
    try:
        assert process.stdout.readline()
    finally:
        process.terminate()
        process.communicate(timeout=30)
    for _ in range(3):
        office.run("backup", "--keep", "1")
    left = sorted(path.name for path in backups.glob("*.backup"))
    assert len(left) == 2 and left[0] == old[1].name
    office.run("restore", str(old[1]), "--replace")
    assert len(office.people()) == 1


def test_a_lineage_that_changes_beside_a_running_server_is_noted(office):
    running = Server(office)
    try:
        with closing(sqlite3.connect(office.database, isolation_level=None)) as database:
            database.execute("UPDATE meta SET value = 'another1lineage' WHERE key = 'lineage'")
        eventually(lambda: note(office)["lineage"] == "another1lineage", what="the note")
    finally:
        running.stop()


@needs_postgres
def test_an_empty_server_database_is_not_filled_where_the_folder_served_another(empty, cluster, monkeypatch):
    database, other = cluster.new_database(), cluster.new_database()
    try:
        for name, value in on(database).items():
            monkeypatch.setenv(name, value)
        Server(empty).stop()
        path = empty.json("backup", **on(database))["file"]
        error = refused(empty, **on(other))
        assert path in error and "--new-database" in error and note(empty)["database"] in error
        assert other.value("SELECT count(*) FROM pg_class WHERE relname = 'faculty'") == "0"
        check = doctor(empty, **on(other))["schema"]
        assert check["status"] == "failed" and path in check["fix"]
        empty.run("restore", path, **on(other))
        for name, value in on(other).items():
            monkeypatch.setenv(name, value)
        Server(empty).stop()
    finally:
        database.drop()
        other.drop()
