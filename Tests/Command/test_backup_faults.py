# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""backup and restore beside writers, wrong clocks, shells without foreign keys, and kills."""

import os
import random
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Server, on
from harness import eventually, free_port
from postgres import Postgres

needs_postgres = pytest.mark.skipif(not Postgres.is_installed(), reason="PostgreSQL is not installed")
# No process has this number.
NOBODY = 99999999


def many(count: int) -> str:
    return "name,department\n" + "".join(f"Person {number},Dept {number % 20}\n" for number in range(count))


def edit(office, sql: str) -> None:
    """Edits like a shell does, without checking foreign keys."""
    with closing(sqlite3.connect(office.database, isolation_level=None, timeout=10)) as database:
        database.executescript(sql)


def backups(office) -> list[Path]:
    return sorted((office.data / "backups").glob("consultease-*.backup"))


def names_in(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as database:
        return {name for (name,) in database.execute("SELECT name FROM faculty")}


def test_the_backup_that_was_just_made_stays_whatever_the_clock_says(office):
    ahead = office.data / "backups" / "consultease-20991231T000000Z.backup"
    ahead.parent.mkdir(mode=0o700)
    ahead.write_bytes(b"old")
    made = office.json("backup", "--keep", "1")
    assert backups(office) == [Path(made["file"])] and made["removed"] == [str(ahead)]
    ahead.write_bytes(b"old")
    made = office.json("backup", "--keep", "2")
    assert backups(office) == sorted([ahead, Path(made["file"])])


def test_a_backup_that_is_dated_ahead_says_nothing_of_last_night(office):
    made = Path(office.json("backup")["file"])
    os.utime(made, (4e9, 4e9))
    report = office.json("doctor", "--desks", f"127.0.0.1:{free_port()}", expect=1)
    (check,) = [check for check in report["checks"] if check["status"] == "failed"]
    assert check["name"] == "backups" and "ahead" in check["detail"] and "timedatectl" in check["fix"]


@pytest.mark.parametrize("seed", [1, 2])
def test_messages_acknowledged_while_another_database_takes_the_place_are_kept(office, seed):
    office.run("import", "faculty", office.file("many.csv", many(4000)))
    path = office.json("backup", str(office.data.parent / "former.backup"))["file"]
    choice = random.Random(seed)
    process = office.start("restore", path, "--replace")
    acknowledged, number = set(), 0
    while process.poll() is None:
        writer = office.start("faculty", "add", "--name", f"Written {number}", "--department", "X")
        writer.communicate(timeout=60)
        if writer.returncode == 0:
            acknowledged.add(f"Written {number}")
        number += 1
        time.sleep(choice.uniform(0, 0.05))
    _, err = process.communicate()
    assert number > 2
    found = names_in(office.database)
    for file in backups(office):
        found |= names_in(file)
    assert acknowledged <= found, f"seed {seed}: {err}"
    # A restore that could not get exclusive access leaves the file unchanged.
    if process.returncode != 0:
        assert b"nothing was changed" in err or b"busy" in err, err
        assert acknowledged <= names_in(office.database)


def test_a_command_that_waits_for_a_replaced_file_is_told(office):
    """The command would otherwise write to a file that has no name any more."""
    office.run("import", "faculty", office.file("many.csv", many(20000)))
    path = office.json("backup", str(office.data.parent / "former.backup"))["file"]
    process = office.start("restore", path, "--replace")
    eventually(lambda: list((office.data / "backups").glob(".consultease-*.part")), 60)
    waiting = sqlite3.connect(office.database, isolation_level=None, timeout=60)
    with pytest.raises(sqlite3.DatabaseError):
        waiting.execute("UPDATE faculty SET room = 'LOST-9' WHERE id = 7")
    waiting.close()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    edit(office, "UPDATE faculty SET room = 'FOUND-9' WHERE id = 7")
    assert office.people()[7]["room"] == "FOUND-9"


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace kills at a certain call, and is not installed")
@pytest.mark.parametrize("call, times", [("rename", 3), ("unlink", 2), ("link", 2)])
def test_a_restore_that_is_killed_over_a_damaged_database_leaves_a_file_there(office, call, times):
    office.run("import", "faculty", office.file("many.csv", many(20)))
    path = office.json("backup")["file"]
    garbage = b"nothing that SQLite knows" * 400
    for nth in range(1, times + 1):
        for item in office.data.glob("consultease.sqlite*"):
            item.unlink()
        office.database.write_bytes(garbage)
        inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}"]
        command = [office.binary, "restore", path, "--replace", "--data", str(office.data)]
        subprocess.run(["strace", "-f", "-o", "/dev/null", *inject, *command], capture_output=True, timeout=60)
        assert office.database.exists()
        if office.database.read_bytes() != garbage:
            assert len(office.people()) == 20
            (kept,) = office.data.glob("consultease.sqlite.before-restore-*Z")
            assert kept.read_bytes() == garbage


def test_files_of_a_killed_restore_are_removed(office):
    scratch = office.data / f".restore-{NOBODY}-0123ABCD"
    mine = office.data / f".restore-{os.getpid()}-0123ABCD"
    for left in [scratch, mine]:
        left.mkdir()
        (left / "consultease.sqlite").write_bytes(b"names of people")
    office.run("backup")
    assert not scratch.exists() and mine.exists()
    scratch.mkdir()
    office.run("restore", str(backups(office)[0]))
    assert not scratch.exists() and mine.exists()


@pytest.mark.parametrize("written", ["4100486964", "41FF42"])
def test_text_that_would_be_changed_on_its_way_is_named_instead(office, written):
    office.add()
    edit(office, f"UPDATE faculty SET room = CAST(x'{written}' AS TEXT) WHERE id = 1")
    assert "faculty.room where id = 1" in office.run("backup", expect=1).err
    flags = ["--from", f"sqlite:{office.database}", "--to", f"sqlite:{office.data.parent / 'moved.sqlite'}"]
    err = office.run("move", *flags, expect=1).err
    assert "nothing was moved" in err and "faculty.room where id = 1" in err
    assert backups(office) == []


def test_a_shell_that_looks_at_no_reference_spoils_no_backup(office):
    office.add()
    office.run("unit", "add", "desk-1", "--faculty", "1")
    edit(office, "INSERT INTO unit_link (unit_id, tolerance) VALUES ('desk-1', 90000)")
    edit(office, "DELETE FROM desk_unit WHERE id = 'desk-1'")
    office.run("backup")
    edit(office, "INSERT INTO unit_link (unit_id, tolerance) VALUES ('nobody', 90000)")
    err = office.run("backup", expect=1).err
    assert "1 of unit_link (unit_id) to desk_unit" in err
    edit(office, err[err.index("DELETE FROM") :].strip())
    office.run("backup")


def test_a_database_that_a_newer_program_upgrades_is_left_alone_by_a_running_server(office):
    office.add()
    running = Server(office)
    with closing(sqlite3.connect(office.database)) as database:
        ((schema,),) = database.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall()
    try:
        edit(office, "UPDATE meta SET value = '99' WHERE key = 'schema'")
        eventually(lambda: not running.is_ready(), 20)
        edit(office, "INSERT INTO override (faculty_id, word, set_at) VALUES (1, 'busy', 0)")
        time.sleep(1.5)
        with closing(sqlite3.connect(office.database)) as database:
            assert database.execute("SELECT state FROM availability").fetchall() == [("unknown",)]
        assert "use a newer consultease" in running.log.read_text()
        edit(office, f"UPDATE meta SET value = '{schema}' WHERE key = 'schema'")
        eventually(running.is_ready, 20)
    finally:
        running.stop()


@needs_postgres
def test_an_edit_between_the_backup_and_the_replacing_ends_a_restore_on_a_server(office, cluster):
    database = cluster.new_database()
    office.run("import", "faculty", office.file("many.csv", many(3000)))
    path = office.json("backup", str(office.data.parent / "former.backup"))["file"]
    office.run("restore", path, **on(database))
    # The lock stops the restore at its tables, but stops no reader.
    other = database.session()
    other.execute("BEGIN")
    other.execute("LOCK TABLE meta IN SHARE MODE")
    process = office.start("restore", path, "--replace", **on(database))
    eventually(lambda: backups(office) or process.poll() is not None, 60)
    other.execute("UPDATE faculty SET room = 'LOST-9' WHERE id = 7")
    other.execute("COMMIT")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert b"is as it was" in err and b"since its backup" in err
    assert database.value("SELECT room FROM faculty WHERE id = 7") == "LOST-9"
    office.run("restore", path, "--replace", **on(database))
    other.close()
    database.drop()
