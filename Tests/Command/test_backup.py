# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""backup and restore: a backup file is complete or missing, and a database is either the old or the new one."""

import json
import os
import pty
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import mqtt
import pytest
from conftest import Installation, Server


@pytest.fixture()
def elsewhere(binary, folder):
    """Returns an installation on another machine, still empty."""
    return Installation(binary, folder / "elsewhere")


def many(count: int) -> str:
    rows = [f"Person {number},Dept {number % 20},B-{number % 300}" for number in range(count)]
    return "name,department,room\n" + "\n".join(rows) + "\n"


def names(installation: Installation) -> list[str]:
    return sorted(path.name for path in (installation.data / "backups").iterdir())


def lineage(installation: Installation) -> str:
    return installation.json("faculty", "list")["revision"].split("-")[0]


def test_a_backup_is_one_file_of_its_owner_alone(office):
    office.add()
    made = office.json("backup")
    path = Path(made["file"])
    assert path.parent == office.data / "backups" and path.name.startswith("consultease-2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(office) == [path.name] and path.stat().st_size == made["bytes"]
    tables = {table["name"]: table for table in made["tables"]}
    assert tables["faculty"]["rows"] == 1 and len(tables["faculty"]["checksum"]) == 32
    assert made["rows"] == sum(table["rows"] for table in made["tables"])
    assert made["revision"].endswith("-1") and made["source"] == "sqlite"
    before = path.read_bytes()
    verified = office.json("restore", "--verify", str(path))
    assert verified["people"] == 1 and verified["restored"] is False and verified["tables"] == made["tables"]
    assert path.read_bytes() == before and names(office) == [path.name]
    assert "Nothing was changed" in office.run("restore", "--verify", str(path)).out


@pytest.mark.usefixtures("server")
def test_a_restored_database_serves_the_same_people_in_a_new_lineage(office, elsewhere):
    office.add("Dr. Ana Reyes", "Physics", "--id", "7")
    office.add("Ben Cruz", "Law", "--id", "8")
    office.run("faculty", "override", "8", "out")
    path = office.json("backup")["file"]
    office.add("Too Late", "Law")
    restored = elsewhere.json("restore", path)
    assert restored["restored"] is True and restored["people"] == 2 and restored["former_backup"] is None
    assert sorted(elsewhere.people()) == [7, 8]
    assert elsewhere.people()[8]["availability"] == "out"
    assert lineage(elsewhere) == restored["lineage"] != lineage(office)
    running = Server(elsewhere)
    try:
        with urllib.request.urlopen(f"{running.url}/api/v1/faculty", timeout=10) as reply:
            served = json.load(reply)
        assert served["lineage"] == restored["lineage"] and len(served["faculty"]) == 2
        # The server recognises a revision of the earlier lineage, and doesn't believe it.
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{running.url}/api/v1/faculty?at-least={restored['revision']}", timeout=10)
        assert refused.value.code == 409
    finally:
        running.stop()
    assert elsewhere.json("faculty", "add", "--name", "New", "--department", "X")["id"] == 9


@pytest.mark.usefixtures("server")
def test_desk_units_get_in_again_with_the_passwords_that_they_have(office, elsewhere):
    office.add()
    office.run("unit", "add", "desk-7", "--faculty", "1")
    password = office.json("unit", "credential", "desk-7")["password"]
    path = office.json("backup")["file"]
    assert password not in Path(path).read_bytes().decode("latin-1")
    assert elsewhere.json("restore", path)["credentials_added"] == 1
    running = Server(elsewhere)
    try:
        mqtt.until_answer(running.desks, "desk-7", password, mqtt.ACCEPTED)
        mqtt.until_answer(running.desks, "desk-7", "another", mqtt.REFUSED)
    finally:
        running.stop()


def test_a_password_that_is_newer_than_the_backup_stays(office):
    office.add()
    office.run("unit", "add", "desk-7", "--faculty", "1")
    office.run("unit", "credential", "desk-7")
    path = office.json("backup")["file"]
    password = office.json("unit", "credential", "desk-7")["password"]
    assert office.json("restore", path, "--replace")["credentials_added"] == 0
    running = Server(office)
    try:
        mqtt.until_answer(running.desks, "desk-7", password, mqtt.ACCEPTED)
    finally:
        running.stop()


def test_an_existing_target_is_refused_or_backed_up_first(office):
    office.add("Dr. Ana Reyes", "Physics")
    path = office.json("backup")["file"]
    office.add("Ben Cruz", "Law")
    refused = office.run("restore", path, expect=1)
    assert "--replace" in refused.err and len(office.people()) == 2
    replaced = office.json("restore", path, "--replace")
    assert len(office.people()) == 1 and replaced["former_set_aside"] is None
    assert not [item.name for item in office.data.iterdir() if item.name.startswith(".restore")]
    back = office.json("restore", replaced["former_backup"], "--replace")
    assert len(office.people()) == 2 and back["lineage"] not in (replaced["lineage"], None)


def test_a_damaged_database_is_set_aside_whole(office):
    office.add()
    path = office.json("backup")["file"]
    garbage = b"nothing that SQLite knows" * 400
    for item in office.data.glob("consultease.sqlite-*"):
        item.unlink()
    office.database.write_bytes(garbage)
    assert "--replace" in office.run("restore", path, expect=1).err
    replaced = office.json("restore", path, "--replace")
    assert Path(replaced["former_set_aside"]).read_bytes() == garbage
    assert len(office.people()) == 1


@pytest.mark.usefixtures("server")
def test_a_served_database_is_not_restored_over(office):
    office.add()
    path = office.json("backup")["file"]
    assert "serves" in office.run("restore", path, "--replace", expect=1).err
    assert len(office.people()) == 1


def test_a_database_that_a_program_has_open_is_not_restored_over(office):
    office.add()
    path = office.json("backup")["file"]
    other = sqlite3.connect(office.database)
    other.execute("SELECT count(*) FROM faculty").fetchall()
    assert "open" in office.run("restore", path, "--replace", expect=1).err
    other.close()
    office.run("restore", path, "--replace")


@pytest.mark.parametrize("spoil", ["cut", "garbage", "empty", "flipped", "edited", "other"])
def test_a_file_that_is_not_what_was_written_is_refused_and_nothing_changes(office, elsewhere, spoil):
    office.add()
    path = Path(office.json("backup")["file"])
    whole = path.read_bytes()
    if spoil == "edited":
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("DROP TRIGGER faculty_changed")
            database.execute("UPDATE faculty SET room = 'elsewhere'")
    elif spoil == "other":
        shutil.copy(office.database, path)
    else:
        spot = whole.index(b"Dr. Ana Reyes")
        flipped = whole[:spot] + b"Dr. Eva Reyes" + whole[spot + 13 :]
        path.write_bytes(
            {"cut": whole[: len(whole) // 2], "garbage": b"x" * 5000, "empty": b"", "flipped": flipped}[spoil]
        )
    for flags in [["--verify"], []]:
        outcome = elsewhere.run("restore", str(path), *flags, expect=1)
        assert str(path) in outcome.err and "backup" in outcome.err
    assert not (elsewhere.data / "consultease.sqlite").exists()


def test_a_killed_restore_leaves_one_database_or_the_other(office):
    office.run("import", "faculty", office.file("old.csv", many(3000)))
    path = office.json("backup")["file"]
    office.run("import", "faculty", office.file("new.csv", "name,department\nA B,Other\n"))
    seed = int(os.environ.get("CONSULTEASE_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    choice = random.Random(seed)
    cut = 0
    for _ in range(6):
        process = office.start("restore", path, "--replace")
        time.sleep(choice.uniform(0.05, 1.5))
        cut += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        people = len(office.people())
        assert people in (3000, 3001), f"seed {seed}"
        with closing(sqlite3.connect(office.database)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert cut, f"seed {seed}: no restore was cut"
    office.run("restore", path, "--replace")
    assert len(office.people()) == 3000
    # An incomplete file never has a backup's name.
    for name in names(office):
        if name.endswith(".backup"):
            office.run("restore", "--verify", str(office.data / "backups" / name))


def test_old_backups_are_removed_and_nothing_else(office):
    backups = office.data / "backups"
    backups.mkdir(mode=0o700)
    for name in ["consultease-20200101T000000Z.backup", "consultease-20200102T000000Z-2.backup"]:
        (backups / name).write_bytes(b"old")
    for name in ["mine.backup", "consultease-20200101T000000Z.backup.copy"]:
        (backups / name).write_bytes(b"stays")
    # A killed backup left this file: no process has such a number.
    (backups / ".consultease-20200101T000000Z.backup.99999999.part").write_bytes(b"half")
    made = office.json("backup", "--keep", "2")
    assert [Path(path).name for path in made["removed"]] == ["consultease-20200101T000000Z.backup"]
    assert names(office) == sorted(
        [
            "consultease-20200102T000000Z-2.backup",
            Path(made["file"]).name,
            "mine.backup",
            "consultease-20200101T000000Z.backup.copy",
        ]
    )


def test_a_named_file_is_written_once(office, folder):
    path = folder / "here.backup"
    assert office.run("backup", str(path)).out.splitlines()[-1] == str(path)
    before = path.read_bytes()
    assert "is there already" in office.run("backup", str(path), expect=1).err
    assert path.read_bytes() == before
    assert "nowhere" in office.run("backup", str(folder / "nowhere" / "x"), expect=1).err
    office.run("backup", str(path), "--keep", "3", expect=64)
    office.run("backup", "--keep", "0", expect=64)
    office.run("restore", "--verify", "--replace", str(path), expect=64)
    assert "cannot read" in office.run("restore", "nowhere.backup", expect=1).err


def test_a_disk_that_is_full_leaves_no_half_backup(office):
    office.run("import", "faculty", office.file("many.csv", many(3000)))
    # The limit stands for a full disk: no file may grow beyond 64 KB.
    process = subprocess.run(
        ["bash", "-c", 'trap "" XFSZ; ulimit -f 64; exec "$0" "$@"', office.binary, "backup", "--data", office.data],
        capture_output=True,
        timeout=60,
    )
    assert process.returncode == 1 and b"doctor" in process.stderr
    assert names(office) == []


def test_there_is_nothing_to_back_up(empty):
    assert "no database" in empty.run("backup", expect=1).err


@pytest.mark.usefixtures("server")
def test_writers_go_on_while_a_backup_is_made(office):
    office.run("import", "faculty", office.file("many.csv", many(6000)))
    process = office.start("backup", "--json")
    took = []
    while process.poll() is None:
        began = time.monotonic()
        office.run("faculty", "override", "1", "busy" if len(took) % 2 else "out")
        took.append(time.monotonic() - began)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert len(took) > 1, "nobody wrote meanwhile"
    assert office.json("restore", "--verify", json.loads(out)["file"])["people"] == 6000


def test_a_terminal_shows_how_far_it_is(office):
    office.run("import", "faculty", office.file("many.csv", many(5000)))
    reader, writer = pty.openpty()
    process = subprocess.Popen(
        [office.binary, "backup", "--data", str(office.data)], stdout=subprocess.DEVNULL, stderr=writer
    )
    os.close(writer)
    seen = b""
    while True:
        try:
            read = os.read(reader, 4096)
        except OSError:
            break
        if not read:
            break
        seen += read
    os.close(reader)
    assert process.wait(timeout=60) == 0
    assert "100 %" in seen.decode() and "█" in seen.decode() and seen.endswith(b"\r")
