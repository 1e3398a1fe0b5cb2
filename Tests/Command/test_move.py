# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""move, and backup and restore between engines: every count and checksum is the same on the other side."""

import json
import sqlite3
from contextlib import closing

import pytest
from conftest import on
from postgres import PASSWORD, Postgres

needs_postgres = pytest.mark.skipif(not Postgres.is_installed(), reason="PostgreSQL is not installed")
# This is the advisory lock of the instance that ingests and delivers.
LEADER = 0x636F_6E73_756C_7465


@pytest.fixture()
def database(cluster):
    made = cluster.new_database()
    yield made
    made.drop()


def populate(office) -> None:
    rows = [f'"Person {number}, ž😀",Dept {number % 20},B-{number}' for number in range(1200)]
    office.run("import", "faculty", office.file("many.csv", "name,department,room\n" + "\n".join(rows) + "\n"))
    office.run("faculty", "override", "7", "out")
    office.run("unit", "add", "desk-7", "--faculty", "7")


@needs_postgres
def test_there_and_back_is_the_same(office, database, folder):
    populate(office)
    source = f"sqlite:{office.database}"
    there = office.json("move", "--from", source, "--to", database.url(), CONSULTEASE_TO_PASSWORD=PASSWORD)
    assert there["from_revision"].split("-")[1] == there["to_revision"].split("-")[1]
    assert there["from_revision"] != there["to_revision"]
    counts = {table["name"]: table["rows"] for table in there["tables"]}
    assert counts["faculty"] == 1200 == int(database.value("SELECT count(*) FROM faculty"))
    assert PASSWORD not in json.dumps(there)
    people = office.json("faculty", "list")["faculty"]
    assert office.json("faculty", "list", **on(database))["faculty"] == people
    back = folder / "back.sqlite"
    again = office.json("move", "--from", database.url(), "--to", f"sqlite:{back}", CONSULTEASE_FROM_PASSWORD=PASSWORD)
    assert again["tables"] == there["tables"] and again["not_copied"] == []
    assert office.json("faculty", "list", "--database", f"sqlite:{back}")["faculty"] == people
    # The target continues: triggers count, and new ids come after the copied ones.
    added = office.json("faculty", "add", "--name", "New", "--department", "X", **on(database))
    assert added["id"] == 1201
    assert int(added["revision"].split("-")[1]) == int(there["to_revision"].split("-")[1]) + 1


@needs_postgres
def test_people_read_what_was_done_and_what_comes_next(office, database):
    populate(office)
    outcome = office.run(
        "move", "--from", f"sqlite:{office.database}", "--to", database.url(), CONSULTEASE_DATABASE_PASSWORD=PASSWORD
    )
    assert "equal" in outcome.out and "consultease serve --database postgres://" in outcome.out
    assert PASSWORD not in outcome.out + outcome.err
    assert len([line for line in outcome.out.splitlines() if line.startswith("faculty ")]) == 1


@needs_postgres
def test_a_target_with_rows_is_left_alone(office, database):
    populate(office)
    flags = ["--from", f"sqlite:{office.database}", "--to", database.url()]
    office.run("move", *flags, CONSULTEASE_TO_PASSWORD=PASSWORD)
    before = database.rows("SELECT * FROM faculty ORDER BY id")
    lineage = database.value("SELECT value FROM meta WHERE key = 'lineage'")
    assert "not empty" in office.run("move", *flags, expect=1, CONSULTEASE_TO_PASSWORD=PASSWORD).err
    assert database.rows("SELECT * FROM faculty ORDER BY id") == before
    assert database.value("SELECT value FROM meta WHERE key = 'lineage'") == lineage


@needs_postgres
def test_a_backup_is_the_same_from_either_engine_and_restores_into_either(office, database, folder):
    populate(office)
    office.run("move", "--from", f"sqlite:{office.database}", "--to", database.url(), CONSULTEASE_TO_PASSWORD=PASSWORD)
    one = office.json("backup")
    other = office.json("backup", **on(database))
    assert other["source"] == "postgresql" and one["tables"] == other["tables"]
    office.run("restore", "--verify", other["file"])
    restored = office.json("restore", other["file"], "--database", f"sqlite:{folder / 'again.sqlite'}")
    assert restored["people"] == 1200
    office.run("faculty", "override", "8", "busy", **on(database))
    assert "--replace" in office.run("restore", one["file"], expect=1, **on(database)).err
    replaced = office.json("restore", one["file"], "--replace", **on(database))
    people = office.json("faculty", "list")["faculty"]
    assert office.json("faculty", "list", **on(database))["faculty"] == people
    assert database.value("SELECT value FROM meta WHERE key = 'lineage'") == replaced["lineage"]
    # The former content is not lost.
    former = office.json("restore", replaced["former_backup"], "--replace", **on(database))
    assert former["people"] == 1200
    assert office.json("faculty", "show", "8", **on(database))["availability"] == "busy"


@needs_postgres
def test_a_database_that_a_server_leads_is_not_restored_over(office, database):
    populate(office)
    office.run("move", "--from", f"sqlite:{office.database}", "--to", database.url(), CONSULTEASE_TO_PASSWORD=PASSWORD)
    file = office.json("backup")["file"]
    leader = database.session()
    leader.execute(f"SELECT pg_advisory_lock({LEADER})")
    assert "serves" in office.run("restore", file, "--replace", expect=1, **on(database)).err
    leader.close()
    office.run("restore", file, "--replace", **on(database))


@needs_postgres
def test_tables_of_others_stay_and_are_named(office, database, folder):
    database.psql("CREATE TABLE reading_room (seat text)")
    populate(office)
    office.run("move", "--from", f"sqlite:{office.database}", "--to", database.url(), CONSULTEASE_TO_PASSWORD=PASSWORD)
    back = f"sqlite:{folder / 'back.sqlite'}"
    outcome = office.run("move", "--from", database.url(), "--to", back, CONSULTEASE_FROM_PASSWORD=PASSWORD)
    assert "reading_room" in outcome.err


@pytest.mark.usefixtures("server")
def test_a_copy_is_one_moment_while_others_write(office, folder):
    populate(office)
    target = folder / "copy.sqlite"
    process = office.start("move", "--from", f"sqlite:{office.database}", "--to", f"sqlite:{target}", "--json")
    revisions = []
    while process.poll() is None:
        revisions.append(office.json("faculty", "override", "7", "busy")["revision"])
        revisions.append(office.json("faculty", "override", "7", "out")["revision"])
    out, err = process.communicate()
    assert process.returncode == 0, err
    moved = json.loads(out)
    with closing(sqlite3.connect(target)) as copy:
        (number,) = copy.execute("SELECT n FROM revision").fetchone()
        (word,) = copy.execute("SELECT word FROM override WHERE faculty_id = 7").fetchone()
        (shown,) = copy.execute("SELECT state FROM availability WHERE faculty_id = 7").fetchone()
    assert moved["from_revision"].endswith(f"-{number}") and word == shown


def test_a_foreign_database_is_not_moved(office, folder):
    with closing(sqlite3.connect(folder / "other.sqlite")) as other:
        other.execute("CREATE TABLE a (b)")
    target = folder / "target.sqlite"
    for source, words in [("other", "no ConsultEase database"), ("nowhere", "no database at")]:
        flags = ["--from", f"sqlite:{folder / source}.sqlite", "--to", f"sqlite:{target}"]
        assert words in office.run("move", *flags, expect=1).err
    assert not target.exists() and not (folder / "nowhere.sqlite").exists()
    office.run("move", "--from", f"sqlite:{office.database}", expect=64)
    flags = ["--from", f"sqlite:{office.database}", "--to", "mysql://x"]
    assert "write sqlite:FILE" in office.run("move", *flags, expect=64).err
