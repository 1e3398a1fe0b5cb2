# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Databases of each older schema, as their programs made them, under today's server."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Server, on
from harness import free_port
from postgres import PROGRAMS, Postgres

SCHEMAS = Path(__file__).parent / "schemas"
ROWS = SCHEMAS / "rows.sql"
OLDER = [1, 2]

needs_postgres = pytest.mark.skipif(not Postgres.is_installed(), reason="postgresql-15 is not installed")


@pytest.fixture()
def older(empty, request):
    """Returns a data folder with a database of an older schema and rows of every kind."""
    empty.data.mkdir(mode=0o700)
    with closing(sqlite3.connect(empty.database)) as database:
        database.executescript((SCHEMAS / f"schema-{request.param}.sqlite.sql").read_text())
        database.executescript(ROWS.read_text())
    empty.version = request.param
    return empty


def schema(installation) -> int:
    with closing(sqlite3.connect(installation.database)) as database:
        return int(database.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0])


def backups(installation) -> list[str]:
    return sorted(str(path) for path in (installation.data / "backups").glob("*.backup"))


def refused(installation) -> str:
    ports = ["--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}"]
    return installation.run("serve", *ports, expect=1).err


def requires_all_rows(people: dict[int, dict]) -> None:
    assert {number: person["name"] for number, person in people.items()} == {1: "Dr. Ana Reyes", 2: "Ben Cruz"}
    assert people[2]["availability"] == "out" and people[1]["ble_id"] == "AA:BB:CC:DD:EE:01"


@pytest.mark.parametrize("older", OLDER, indirect=True)
def test_a_database_of_an_older_schema_is_backed_up_once_and_upgraded(older):
    Server(older).stop()
    assert schema(older) > older.version
    requires_all_rows(older.people())
    (backup,) = backups(older)
    verified = older.json("restore", "--verify", backup)
    assert verified["schema"] == older.version and verified["people"] == 2
    Server(older).stop()
    assert backups(older) == [backup]
    with closing(sqlite3.connect(older.database)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*) FROM unit_boot").fetchone() == (1,)


@pytest.mark.parametrize("older", OLDER, indirect=True)
def test_an_upgrade_that_fails_makes_one_backup_however_often_it_is_tried(older):
    with closing(sqlite3.connect(older.database)) as database:
        database.execute("CREATE TRIGGER unit_removed AFTER DELETE ON desk_unit BEGIN SELECT 1; END")
    for _ in range(3):
        error = refused(older)
        lines = [line for line in error.splitlines() if line.startswith("Error: ")]
        assert len(lines) == 1 and "CREATE" not in error, error
        assert f"from schema {older.version} to" in lines[0] and "unit_removed" in lines[0]
        assert "Nothing was changed" in lines[0] and backups(older)[0] in lines[0]
    (backup,) = backups(older)
    assert schema(older) == older.version
    # Rows that the former program has written since are in another backup.
    with closing(sqlite3.connect(older.database)) as database:
        database.execute("UPDATE faculty SET room = '7' WHERE id = 1")
        database.commit()
    refused(older)
    assert len(backups(older)) == 2
    with closing(sqlite3.connect(older.database)) as database:
        database.execute("DROP TRIGGER unit_removed")
    Server(older).stop()
    requires_all_rows(older.people())
    assert len(backups(older)) == 2 and backup in backups(older)


@pytest.mark.parametrize("older", OLDER[:1], indirect=True)
def test_a_backup_that_is_damaged_is_no_backup_of_an_upgrade(older):
    with closing(sqlite3.connect(older.database)) as database:
        database.execute("CREATE TRIGGER unit_removed AFTER DELETE ON desk_unit BEGIN SELECT 1; END")
    refused(older)
    (backup,) = backups(older)
    content = Path(backup).read_bytes()
    spot = content.index(b"Dr. Ana Reyes")
    Path(backup).write_bytes(content[:spot] + b"Dr. Eva" + content[spot + 7 :])
    refused(older)
    assert len(backups(older)) == 2


@needs_postgres
@pytest.mark.parametrize("version", OLDER)
def test_so_is_one_on_postgresql(empty, cluster, monkeypatch, version):
    database = cluster.new_database()
    try:
        for file in [SCHEMAS / f"schema-{version}.postgresql.sql", ROWS]:
            command = [str(PROGRAMS / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", str(file), database.url()]
            environment = {"PGPASSWORD": on(database)["CONSULTEASE_DATABASE_PASSWORD"]}
            subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        for name, value in on(database).items():
            monkeypatch.setenv(name, value)
        Server(empty).stop()
        assert int(database.value("SELECT value FROM meta WHERE key = 'schema'")) > version
        people = {person["id"]: person for person in empty.json("faculty", "list", **on(database))["faculty"]}
        requires_all_rows(people)
        (backup,) = backups(empty)
        assert empty.json("restore", "--verify", backup)["schema"] == version
    finally:
        database.drop()
