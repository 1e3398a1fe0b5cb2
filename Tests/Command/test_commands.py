# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""faculty, unit and import: what they do, what they refuse, and their exit codes."""

import json
import sqlite3
import stat
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mqtt
import pytest

COMMANDS = [
    [],
    ["faculty"],
    ["faculty", "add"],
    ["faculty", "list"],
    ["faculty", "show"],
    ["faculty", "set"],
    ["faculty", "override"],
    ["faculty", "archive"],
    ["unit"],
    ["unit", "add"],
    ["unit", "assign"],
    ["unit", "list"],
    ["unit", "credential"],
    ["unit", "professor-status"],
    ["import"],
    ["import", "faculty"],
    ["doctor"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_examples(empty, command):
    text = empty.run(*command, "--help").out
    assert "consultease " + " ".join(command) in text
    if command:
        assert "Example" in text


@pytest.mark.parametrize(
    "command",
    [
        ["faculty", "list"],
        ["faculty", "add", "--name", "A B", "--department", "X"],
        ["faculty", "override", "7", "none"],
        ["unit", "list"],
        ["unit", "credential", "desk-7"],
    ],
    ids=" ".join,
)
def test_without_a_database_the_remedy_is_named_and_none_is_made(empty, command):
    outcome = empty.run(*command, expect=1)
    assert "consultease serve" in outcome.err
    assert not empty.data.exists()


# Adding


def add(office, name="Dr. Ana Reyes", department="Physics", *more):
    return office.json("faculty", "add", "--name", name, "--department", department, *more)


def test_add_prints_the_id_and_the_revision(office):
    text = office.run("faculty", "add", "--name", "Dr. Ana Reyes", "--department", "Physics").out
    assert "id 1 " in text and "-1\n" in text
    added = add(office, "Ben Cruz", "Law", "--id", "7", "--beacon", "aa-bb-cc-dd-ee-ff", "--surname", "Cruz")
    assert added["id"] == 7
    assert added["revision"].endswith("-2")
    assert add(office, "Carla Diaz")["id"] == 8
    assert office.people()[7]["ble_id"] == "AA:BB:CC:DD:EE:FF"
    assert office.people()[7]["availability"] == "unknown"


def test_the_largest_id_is_taken_and_nothing_above_it(office):
    assert add(office, "A B", "X", "--id", "9007199254740991")["id"] == 9007199254740991
    outcome = office.run("faculty", "add", "--name", "C D", "--department", "X", expect=1)
    assert "id: no id is left" in outcome.err
    assert len(office.people()) == 1


BAD_FIELDS = [
    ("id", "0"),
    ("id", "9007199254740992"),
    ("id", "07"),
    ("id", "seven"),
    ("name", ""),
    ("name", "x" * 201),
    ("name", "two\nlines"),
    ("department", "  "),
    ("room", "x" * 201),
    ("email", "ana.example.edu"),
    ("beacon", "AA:BB:CC:DD:EE"),
    ("beacon", "AA:BB:CC:DD:EE:GG"),
]


@pytest.mark.parametrize("field, value", BAD_FIELDS, ids=lambda value: value[:12])
def test_a_bad_field_is_named_with_its_remedy(office, field, value):
    fields = {"name": "A B", "department": "X", field: value}
    flags = [part for name, text in fields.items() for part in (f"--{name}", text)]
    outcome = office.run("faculty", "add", *flags, expect=1)
    assert f"{field}: " in outcome.err
    assert outcome.err.strip().count(": ") >= 2, "the problem and the remedy"
    assert office.people() == {}


def test_all_bad_fields_are_named_at_once(office):
    outcome = office.run(
        "faculty", "add", "--name", "", "--department", "", "--id", "x", "--email", "y", "--beacon", "z", expect=1
    )
    for field in ["name", "department", "id", "email", "beacon"]:
        assert f"{field}: " in outcome.err


def test_a_taken_id_and_beacon_name_who_has_them(office):
    add(office, "Dr. Ana Reyes", "Physics", "--id", "7", "--beacon", "AA:BB:CC:DD:EE:FF")
    before = office.json("faculty", "list")
    outcome = office.run(
        *["faculty", "add", "--name", "B C", "--department", "X", "--id", "7", "--beacon", "aabbccddeeff"], expect=1
    )
    assert outcome.err.count("Dr. Ana Reyes (id 7)") == 2
    assert office.json("faculty", "list") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["faculty", "add", "--name", "A B"],
        ["faculty", "add", "--department", "X"],
        ["faculty", "add", "--name", "A B", "--department", "X", "--unheard-of"],
        ["faculty", "show"],
        ["faculty", "show", "abc"],
        ["faculty", "show", "0"],
        ["faculty", "set", "1"],
        ["faculty", "override", "1", "lazy"],
        ["faculty", "override", "1", "busy", "--for", "soon"],
        ["faculty", "override", "1", "busy", "--for", "0m"],
        ["faculty", "override", "1", "busy", "--for", "400d"],
        ["faculty", "override", "1", "busy", "--until", "tomorrow"],
        ["faculty", "override", "1", "busy", "--until", "2099-01-01T10:00:00"],
        ["faculty", "override", "1", "busy", "--until", "2099-01-01T10:00:00Z", "--for", "1h"],
        ["faculty", "override", "1", "none", "--for", "1h"],
        ["unit", "add", "Desk 7"],
        ["unit", "add", "desk-7", "--dialect", "3"],
        ["unit", "assign", "desk-7"],
        ["unit", "assign", "desk-7", "--nobody", "--faculty", "1"],
        ["unit", "professor-status"],
        ["unit", "professor-status", "d1-1", "--nobody"],
        ["import", "people", "x.csv"],
        ["import", "faculty"],
        ["doctor", "--what"],
    ],
    ids=" ".join,
)
def test_usage_errors_end_with_64(office, arguments):
    assert office.run(*arguments, expect=64).err


# Showing, changing, archiving


def test_show_and_list_tell_what_is_kept(office):
    add(office, "Prof. Juan Dela Cruz", "Law", "--surname", "Dela Cruz", "--room", "B-204", "--email", "j@u.example")
    add(office, "Dr. Ana Abad", "Law")
    text = office.run("faculty", "list").out.splitlines()
    assert [line.split()[0] for line in text] == ["ID", "2", "1"], "by surname"
    person = office.json("faculty", "show", "1")
    assert person["surname"] == "Dela Cruz" and person["room"] == "B-204" and person["email"] == "j@u.example"
    assert person["ble_id"] is None and person["units"] == []
    assert "B-204" in office.run("faculty", "show", "1").out
    assert "nobody has the id 99" in office.run("faculty", "show", "99", expect=1).err


def test_an_empty_list_says_how_to_begin(office):
    assert "consultease faculty add" in office.run("faculty", "list").out
    assert office.json("faculty", "list")["faculty"] == []


def test_set_changes_only_what_is_given(office):
    add(office, "Dr. Ana Reyes", "Physics", "--room", "A-1", "--beacon", "AA:BB:CC:DD:EE:FF")
    office.run("faculty", "set", "1", "--room", "B-2", "--beacon", "none", "--name", "Dr. Ana Santos")
    person = office.people()[1]
    assert (person["name"], person["surname"], person["room"]) == ("Dr. Ana Santos", "Santos", "B-2")
    assert person["ble_id"] is None and person["version"] == 2
    assert "email: " in office.run("faculty", "set", "1", "--email", "nope", expect=1).err
    assert "nobody has" in office.run("faculty", "set", "9", "--room", "X", expect=1).err


def test_archive_takes_somebody_off_and_keeps_the_id(office):
    add(office, "Dr. Ana Reyes", "Physics", "--beacon", "AA:BB:CC:DD:EE:FF")
    office.run("unit", "add", "desk-1", "--faculty", "1")
    archived = office.json("faculty", "archive", "1")
    assert archived["beacon"] == "AA:BB:CC:DD:EE:FF" and archived["units"] == ["desk-1"]
    assert office.people() == {}
    assert [person["id"] for person in office.json("faculty", "list", "--archived")["faculty"]] == [1]
    assert "archived" in office.run("faculty", "archive", "1", expect=1).err
    assert "archived" in office.run("faculty", "override", "1", "busy", expect=1).err
    assert "nobody has" in office.run("faculty", "archive", "2", expect=1).err
    assert add(office, "Ben Cruz", "Law", "--beacon", "AA:BB:CC:DD:EE:FF")["id"] == 2
    assert "archived" in office.run("faculty", "add", "--id", "1", "--name", "C D", "--department", "X", expect=1).err


# Overrides


def test_an_override_is_set_and_taken_back(office):
    add(office)
    said = office.json("faculty", "override", "1", "busy", "--for", "1h30m")
    until = datetime.fromisoformat(said["until"])
    assert timedelta(minutes=85) < until - datetime.now(UTC) < timedelta(minutes=95)
    shown = office.people()[1]
    assert (shown["availability"], shown["source"], shown["until"]) == ("busy", "own-word", said["until"])
    said = office.json("faculty", "override", "1", "out", "--until", "2099-01-01T10:00+08:00")
    assert said["until"] == "2099-01-01T02:00:00Z"
    assert office.json("faculty", "override", "1", "available")["until"] is None
    assert office.people()[1]["always_available"] is True and office.people()[1]["status"] is True
    assert office.json("faculty", "override", "1", "none")["override"] is None
    assert office.people()[1]["availability"] == "unknown"
    assert "no override" in office.run("faculty", "override", "1", "none", expect=1).err


def test_an_end_that_has_passed_is_refused(office):
    add(office)
    outcome = office.run("faculty", "override", "1", "out", "--until", "2020-01-01T10:00:00Z", expect=1)
    assert "until: " in outcome.err
    assert office.people()[1]["availability"] == "unknown"


def test_an_override_that_ended_without_a_server_is_not_believed(office):
    add(office)
    office.run("faculty", "override", "1", "available", "--for", "1m")
    with sqlite3.connect(office.database) as database:
        database.execute("UPDATE availability SET next_change_at = 1, until = 1")
    person = office.people()[1]
    assert person["availability"] == "unknown" and person["status"] is False
    assert "serve" in office.run("faculty", "list").err


# Units


def test_units_are_added_assigned_and_listed(office):
    add(office)
    add(office, "Ben Cruz")
    assert office.json("unit", "add", "desk-7", "--faculty", "1")["dialect"] == 2
    assert office.json("unit", "add", "d1-2")["faculty_id"] == 2
    units = {unit["unit"]: unit for unit in office.json("unit", "list")}
    assert units["desk-7"]["faculty_name"] == "Dr. Ana Reyes" and units["desk-7"]["link"] == "never heard"
    assert units["d1-2"]["dialect"] == 1 and units["d1-2"]["faculty_id"] == 2
    office.run("unit", "assign", "desk-7", "--nobody")
    assert office.json("unit", "list")[1]["faculty_id"] is None
    office.run("unit", "assign", "desk-7", "--faculty", "2")
    assert "desk-7" in office.run("unit", "list").out
    assert "desk-7" in office.run("faculty", "show", "2").out


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["add", "desk-1"], "there already"),
        (["add", "desk-2", "--faculty", "1"], "desk-1 stands on the desk of 1"),
        (["add", "desk-2", "--faculty", "99"], "nobody has the id 99"),
        (["add", "d1-1", "--dialect", "2"], "dialect 1"),
        (["add", "old", "--dialect", "1"], "d1-7"),
        (["add", "d1-1", "--faculty", "2"], "names 1 in its topics"),
        (["add", "d1-99"], "nobody has the id 99"),
        (["add", "server"], "the server's own name"),
        (["assign", "desk-9", "--nobody"], "consultease unit add desk-9"),
        (["assign", "spare", "--faculty", "1"], "desk-1 stands on the desk of 1"),
        (["assign", "spare", "--faculty", "99"], "nobody has the id 99"),
        (["credential", "desk-9"], "consultease unit add desk-9"),
        (["credential", "d1-99"], "nobody has the id 99"),
        (["credential", "server"], "the server's own name"),
        (["professor-status", "d1-2"], "consultease unit add d1-2"),
        (["professor-status", "spare"], "dialect 2"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_unit_that_can_not_be_dealt_with_is_named_with_the_remedy(office, arguments, words):
    add(office)
    add(office, "Ben Cruz")
    office.run("unit", "add", "desk-1", "--faculty", "1")
    office.run("unit", "add", "spare")
    before = office.json("unit", "list")
    assert words in office.run("unit", *arguments, expect=1).err
    assert office.json("unit", "list") == before


def test_one_old_unit_is_meant_on_professor_status(office):
    add(office)
    office.run("unit", "add", "d1-1")
    assert "d1-1's now" in office.run("unit", "professor-status", "d1-1").out
    assert office.json("unit", "list")[0]["speaks_professor_status"] is True
    office.run("unit", "professor-status", "--nobody")
    assert office.json("unit", "list")[0]["speaks_professor_status"] is False


def passwords(office) -> dict[str, str]:
    text = (office.data / "broker" / "passwords").read_text()
    return dict(line.split(":", 1) for line in text.splitlines())


def test_a_credential_is_shown_once_and_kept_as_a_hash(office):
    office.run("unit", "add", "desk-7")
    made = office.json("unit", "credential", "desk-7")
    assert made["user"] == "desk-7" and len(made["password"]) >= 24 and made["broker_told"] is False
    assert made["password"] not in (office.data / "broker" / "passwords").read_text()
    assert passwords(office)["desk-7"].startswith("$7$")
    first = passwords(office)["desk-7"]
    outcome = office.run("unit", "credential", "desk-7")
    assert "only time" in outcome.out and passwords(office)["desk-7"] != first
    assert outcome.out.split("password")[1].split()[0] not in outcome.err


def test_a_password_file_is_new_and_its_owners_alone(office):
    office.run("unit", "add", "desk-7")
    path = Path(office.data.parent / "desk-7.password")
    made = office.json("unit", "credential", "desk-7", "--password-file", str(path))
    assert made["password"] is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = path.read_text().strip()
    assert len(secret) >= 24
    before = passwords(office)
    outcome = office.run("unit", "credential", "desk-7", "--password-file", str(path), expect=1)
    assert "there already" in outcome.err
    assert passwords(office) == before and path.read_text().strip() == secret


def test_a_broker_of_ones_own_has_its_own_credentials(office):
    office.run("unit", "add", "desk-7")
    outcome = office.run("unit", "credential", "desk-7", expect=1, CONSULTEASE_BROKER="mqtt://u@broker.example")
    assert "broker of your own" in outcome.err


def test_credentials_made_at_once_are_all_kept(office):
    units = [f"desk-{number}" for number in range(6)]
    for unit in units:
        office.run("unit", "add", unit)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda unit: office.run("unit", "credential", unit), units))
    assert set(passwords(office)) == {"server", *units}


def test_a_running_broker_takes_a_new_credential_at_once(office, server):
    office.run("unit", "add", "desk-7")
    first = office.json("unit", "credential", "desk-7")
    assert first["broker_told"] is True
    mqtt.until_answer(server.desks, "desk-7", first["password"], mqtt.ACCEPTED)
    second = office.json("unit", "credential", "desk-7")
    mqtt.until_answer(server.desks, "desk-7", second["password"], mqtt.ACCEPTED)
    mqtt.until_answer(server.desks, "desk-7", first["password"], mqtt.REFUSED)


def test_another_program_with_an_old_brokers_pid_is_left_alone(office):
    office.run("unit", "add", "desk-7")
    with subprocess.Popen(["sleep", "60"]) as other:
        running = {"pid": other.pid, "configuration": ""}
        (office.data / "broker" / "running.json").write_text(json.dumps(running))
        assert office.json("unit", "credential", "desk-7")["broker_told"] is False
        assert other.poll() is None
        other.kill()


# Beside other writers


def test_a_database_that_stays_locked_is_told_with_the_remedy(office):
    other = sqlite3.connect(office.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcome = office.run("faculty", "add", "--name", "A B", "--department", "X", expect=1)
    other.execute("ROLLBACK")
    other.close()
    assert "try again" in outcome.err
    assert office.people() == {}


def test_a_running_server_shows_what_a_command_wrote_at_its_revision(office, server):
    added = add(office)
    url = f"{server.url}/api/v1/faculty/{added['id']}?at-least={added['revision']}"
    with urllib.request.urlopen(url, timeout=10) as reply:
        assert json.load(reply)["name"] == "Dr. Ana Reyes"
    said = office.json("faculty", "override", "1", "busy")
    with urllib.request.urlopen(f"{server.url}/api/v1/faculty/1?at-least={said['revision']}", timeout=10) as reply:
        assert json.load(reply)["availability"] == "busy"


@pytest.mark.usefixtures("server")
def test_commands_at_once_each_get_an_id_and_a_revision_of_their_own(office):
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda number: add(office, f"Person {number}"), range(16)))
    assert {item["id"] for item in added} == set(range(1, 17))
    assert len({item["revision"] for item in added}) == 16


# Importing


GOOD = 'name,department,id,beacon\nDr. Ana Reyes,Physics,7,AA:BB:CC:DD:EE:FF\n"Cruz, Ben",Law,,\n'


def test_a_dry_run_says_what_would_be_done_and_does_nothing(office):
    path = office.file("people.csv", GOOD)
    assert "Would add 2" in office.run("import", "faculty", path, "--dry-run").out
    planned = office.json("import", "faculty", path, "--dry-run")
    assert [person["id"] for person in planned["added"]] == [7, 8]
    assert planned["dry_run"] is True and planned["revision"] is None and planned["rows"] == 2
    assert office.people() == {}
    done = office.json("import", "faculty", path)
    assert done["added"] == planned["added"] and done["revision"].endswith("-1")
    assert office.people()[8]["name"] == "Cruz, Ben"


def test_a_file_as_windows_saves_it_is_read(office):
    path = office.file("people.csv", "\ufeffDEPARTMENT,Name\r\nPhysics,Dr. José Peña\r\n")
    office.run("import", "faculty", path)
    assert office.people()[1]["name"] == "Dr. José Peña"


def test_standard_input_is_read(office):
    assert "Added 2" in office.run("import", "faculty", "-", stdin=GOOD.encode()).out


def test_every_bad_row_is_named_and_nobody_is_added(office):
    add(office, "Dr. Ana Reyes", "Physics", "--id", "7", "--beacon", "AA:BB:CC:DD:EE:FF")
    path = office.file(
        "people.csv",
        "name,department,id,beacon,email\n"
        "Good One,Law,,,\n"
        ",Law,x,zz,nope\n"
        "Taken Id,Law,7,,\n"
        "Taken Beacon,Law,,aabbccddeeff,\n"
        "Twin One,Law,20,112233445566,\n"
        "Twin Two,Law,20,11:22:33:44:55:66,\n"
        "Short Row,Law\n"
        'Broken "quote",Law,,,\n'
        "Dr. Ana Reyes,physics,,,\n"
        "\u2028,Law,,,\n",
    )
    outcome = office.run("import", "faculty", path, expect=1)
    for place in [
        "line 3, name: ",
        "line 3, id: ",
        "line 3, beacon: ",
        "line 3, email: ",
        "line 4, id: ",
        "line 5, beacon: ",
        "line 7, id: 20 stands in line 6",
        "line 7, beacon: ",
        "line 8: ",
        "line 9, name: ",
        "line 10, name: ",
        "line 11, name: ",
    ]:
        assert place in outcome.err
    assert "Nothing was imported" in outcome.err
    assert "line 2" not in outcome.err
    assert len(office.people()) == 1
    report = office.json("import", "faculty", path, expect=1)
    assert report["added"] == [] and report["revision"] is None
    assert {problem["line"] for problem in report["problems"]} == {3, 4, 5, 7, 8, 9, 10, 11}
    assert all(problem["remedy"] for problem in report["problems"])


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "empty"),
        (b"name,rank\nA,B\n", 'no column "rank"'),
        (b"name\nA\n", "department: the column is missing"),
        (b"name,name,department\nA,B,C\n", "comes twice"),
        (b"name;department\nA;B\n", "commas"),
        (b"name,department\nMu\xf1oz,Law\n", "line 2, name: there are bytes that are not UTF-8"),
    ],
    ids=["empty", "unknown", "missing", "twice", "semicolons", "latin-1"],
)
def test_a_file_that_can_not_be_used_says_why(office, content, words):
    assert words in office.run("import", "faculty", office.file("people.csv", content), expect=1).err


def test_a_file_that_is_not_there_is_named(office):
    assert "nowhere.csv" in office.run("import", "faculty", "nowhere.csv", expect=1).err
    assert office.run("import", "faculty", str(office.data), expect=1).err


def test_the_same_file_twice_doubles_nobody(office):
    path = office.file("people.csv", "name,department\nA B,X\nC D,X\n")
    office.run("import", "faculty", path)
    assert "in this department already" in office.run("import", "faculty", path, expect=1).err
    assert len(office.people()) == 2


def test_ten_thousand_rows_take_seconds_and_one_revision(office, server):
    rows = [f'"Person {number}, Jr.",Dept {number % 20},B-{number % 300},{number:012X}' for number in range(10_000)]
    path = office.file("many.csv", "name,department,room,beacon\n" + "\n".join(rows) + "\n")
    began = time.monotonic()
    done = office.json("import", "faculty", path)
    assert time.monotonic() - began < 20
    assert done["revision"].endswith("-1") and len(done["added"]) == 10_000
    url = f"{server.url}/api/v1/faculty?at-least={done['revision']}"
    with urllib.request.urlopen(url, timeout=10) as reply:
        assert len(json.load(reply)["faculty"]) == 10_000
