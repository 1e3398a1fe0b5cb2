# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""faculty: its effects, its refusals, and its exit codes."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

# Adding


def test_add_prints_the_id_and_the_revision(office):
    text = office.run("faculty", "add", "--name", "Dr. Ana Reyes", "--department", "Physics").out
    assert "id 1 " in text and "-1\n" in text
    added = office.add("Ben Cruz", "Law", "--id", "7", "--beacon", "aa-bb-cc-dd-ee-ff", "--surname", "Cruz")
    assert added["id"] == 7
    assert added["revision"].endswith("-2")
    assert office.add("Carla Diaz")["id"] == 8
    assert office.people()[7]["ble_id"] == "AA:BB:CC:DD:EE:FF"
    assert office.people()[7]["availability"] == "unknown"


def test_the_largest_id_is_taken_and_nothing_above_it(office):
    assert office.add("A B", "X", "--id", "9007199254740991")["id"] == 9007199254740991
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
    office.add("Dr. Ana Reyes", "Physics", "--id", "7", "--beacon", "AA:BB:CC:DD:EE:FF")
    before = office.json("faculty", "list")
    outcome = office.run(
        *["faculty", "add", "--name", "B C", "--department", "X", "--id", "7", "--beacon", "aabbccddeeff"], expect=1
    )
    assert outcome.err.count("Dr. Ana Reyes (id 7)") == 2
    assert office.json("faculty", "list") == before


# Showing, changing, archiving


def test_show_and_list_tell_what_is_kept(office):
    office.add("Prof. Juan Dela Cruz", "Law", "--surname", "Dela Cruz", "--room", "B-204", "--email", "j@u.example")
    office.add("Dr. Ana Abad", "Law")
    text = office.run("faculty", "list").out.splitlines()
    assert [line.split()[0] for line in text] == ["ID", "2", "1"], "by surname"
    person = office.json("faculty", "show", "1")
    assert person["surname"] == "Dela Cruz" and person["room"] == "B-204" and person["email"] == "j@u.example"
    assert person["ble_id"] is None and person["units"] == []
    assert "B-204" in office.run("faculty", "show", "1").out
    assert "no person has the id 99" in office.run("faculty", "show", "99", expect=1).err


def test_an_empty_list_says_how_to_begin(office):
    assert "consultease faculty add" in office.run("faculty", "list").out
    assert office.json("faculty", "list")["faculty"] == []


def test_set_changes_only_what_is_given(office):
    office.add("Dr. Ana Reyes", "Physics", "--room", "A-1", "--beacon", "AA:BB:CC:DD:EE:FF")
    office.run("faculty", "set", "1", "--room", "B-2", "--beacon", "none", "--name", "Dr. Ana Santos")
    person = office.people()[1]
    assert (person["name"], person["surname"], person["room"]) == ("Dr. Ana Santos", "Santos", "B-2")
    assert person["ble_id"] is None and person["version"] == 2
    assert "email: " in office.run("faculty", "set", "1", "--email", "nope", expect=1).err
    assert "no person has" in office.run("faculty", "set", "9", "--room", "X", expect=1).err


def test_archive_takes_a_person_off_and_keeps_the_id(office):
    office.add("Dr. Ana Reyes", "Physics", "--beacon", "AA:BB:CC:DD:EE:FF")
    office.run("unit", "add", "desk-1", "--faculty", "1")
    archived = office.json("faculty", "archive", "1")
    assert archived["beacon"] == "AA:BB:CC:DD:EE:FF" and archived["units"] == ["desk-1"]
    assert office.people() == {}
    assert [person["id"] for person in office.json("faculty", "list", "--archived")["faculty"]] == [1]
    assert "archived" in office.run("faculty", "archive", "1", expect=1).err
    assert "archived" in office.run("faculty", "override", "1", "busy", expect=1).err
    assert "no person has" in office.run("faculty", "archive", "2", expect=1).err
    assert office.add("Ben Cruz", "Law", "--beacon", "AA:BB:CC:DD:EE:FF")["id"] == 2
    assert "archived" in office.run("faculty", "add", "--id", "1", "--name", "C D", "--department", "X", expect=1).err


# Overrides


def test_an_override_is_set_and_taken_back(office):
    office.add()
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
    office.add()
    outcome = office.run("faculty", "override", "1", "out", "--until", "2020-01-01T10:00:00Z", expect=1)
    assert "until: " in outcome.err
    assert office.people()[1]["availability"] == "unknown"


def test_an_override_that_ended_without_a_server_is_not_believed(office):
    office.add()
    office.run("faculty", "override", "1", "available", "--for", "1m")
    with sqlite3.connect(office.database) as database:
        database.execute("UPDATE availability SET next_change_at = 1, until = 1")
    person = office.people()[1]
    assert person["availability"] == "unknown" and person["status"] is False
    assert "serve" in office.run("faculty", "list").err


# Versions


def test_versions_are_shown_row_by_row(office):
    office.add()
    assert office.json("faculty", "show", "1")["versions"] == {"profile": 1, "override": None, "presence": None}
    assert office.json("faculty", "set", "1", "--room", "A-1")["version"] == 2
    assert office.json("faculty", "override", "1", "busy")["version"] == 1
    assert office.json("faculty", "override", "1", "out", "--if-version", "1")["version"] == 2
    assert office.json("faculty", "show", "1")["versions"] == {"profile": 2, "override": 2, "presence": None}
    assert "(version 2)" in office.run("faculty", "show", "1").out
    assert office.json("faculty", "override", "1", "none", "--if-version", "2")["version"] is None
    assert office.json("faculty", "show", "1")["versions"]["override"] is None
    assert office.json("faculty", "override", "1", "away", "--if-version", "0")["version"] == 4, "never an old number"


def test_a_stale_profile_edit_shows_both_sides_and_writes_nothing(office):
    office.add("Dr. Ana Reyes", "Physics", "--room", "A-1", "--beacon", "AA:BB:CC:DD:EE:FF")
    office.run("faculty", "set", "1", "--room", "B-2", "--if-version", "1")
    before = office.json("faculty", "show", "1")
    outcome = office.run("faculty", "set", "1", "--room", "C-3", "--beacon", "none", "--if-version", "1", expect=9)
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines == [
        ["FIELD", "YOURS", "THEIRS"],
        ["room", "C-3", "B-2"],
        ["ble_id", "\u2013", "AA:BB:CC:DD:EE:FF"],
        ["version", "1", "2"],
    ]
    assert "nothing is written" in outcome.err and "--if-version 2" in outcome.err
    sides = office.json("faculty", "set", "1", "--room", "C-3", "--if-version", "1", expect=9)
    assert sides["conflict"] == "profile"
    assert (sides["yours"]["room"], sides["yours"]["version"]) == ("C-3", 1)
    assert (sides["theirs"]["room"], sides["theirs"]["version"]) == ("B-2", 2)
    assert sides["theirs"]["ble_id"] == "AA:BB:CC:DD:EE:FF" and sides["yours"].keys() == sides["theirs"].keys()
    assert office.run("faculty", "archive", "1", "--if-version", "1", expect=9).out.count("archived") == 1
    assert office.json("faculty", "archive", "1", "--if-version", "1", expect=9)["yours"]["archived"] is True
    assert office.json("faculty", "show", "1") == before
    office.run("faculty", "set", "1", "--room", "C-3", "--if-version", "2")
    office.run("faculty", "archive", "1", "--if-version", "3")


def test_a_stale_override_shows_both_sides_and_writes_nothing(office):
    office.add()
    office.run("faculty", "override", "1", "busy", "--if-version", "0")
    appeared = office.json("faculty", "override", "1", "out", "--if-version", "0", expect=9)
    assert appeared["conflict"] == "override"
    assert (appeared["yours"]["override"], appeared["theirs"]["override"]) == ("out", "busy")
    assert appeared["theirs"]["version"] == 1
    office.run("faculty", "override", "1", "away", "--for", "1h")
    removal = office.json("faculty", "override", "1", "none", "--if-version", "1", expect=9)
    assert removal["yours"] is None and removal["theirs"]["override"] == "away" and removal["theirs"]["until"]
    table = office.run("faculty", "override", "1", "none", "--if-version", "1", expect=9).out
    assert "away" in table and "THEIRS" in table
    office.run("faculty", "override", "1", "none", "--if-version", "2")
    gone = office.json("faculty", "override", "1", "busy", "--if-version", "2", expect=9)
    assert gone["theirs"] is None
    assert "--if-version 0" in office.run("faculty", "override", "1", "busy", "--if-version", "2", expect=9).err
    assert office.people()[1]["availability"] == "unknown"


@pytest.mark.parametrize("text", ["x", "-1", "1.0", "01"])
def test_a_version_that_is_none_is_wrong_usage(office, text):
    office.add()
    assert "no version" in office.run("faculty", "set", "1", "--room", "X", f"--if-version={text}", expect=64).err


def test_a_removed_persons_id_is_never_taken_again(office):
    office.add()
    office.add("Ben Cruz")
    with sqlite3.connect(office.database) as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("DELETE FROM faculty WHERE id = 2")
    assert office.add("Carla Diaz")["id"] == 3


def test_people_are_listed_as_readers_look_them_up(office):
    for surname in ["Zobel", "Ñáñez", "Oca", "Nuyda", "Álvarez", "dela Cruz", "De Leon", "Acosta"]:
        office.add(f"Dr. X {surname}", "Law", "--surname", surname)
    listed = [person["surname"] for person in office.json("faculty", "list")["faculty"]]
    assert listed == ["Acosta", "Álvarez", "De Leon", "dela Cruz", "Nuyda", "Ñáñez", "Oca", "Zobel"]


@pytest.mark.parametrize(
    "name, words",
    [
        ("\u200b", "is empty"),
        ("\u3164", "is empty"),
        ("Ana \u202eseyeR", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("Ana\u0007", "U+0007"),
    ],
)
def test_invisible_text_is_refused_at_every_door(office, name, words):
    assert words in office.run("faculty", "add", "--name", name, "--department", "Law", expect=1).err
    assert words in office.run("faculty", "add", "--name", "Ana", "--department", name, expect=1).err
    office.add()
    assert words in office.run("faculty", "set", "1", "--name", name, expect=1).err
    assert len(office.people()) == 1


def test_a_twin_is_pointed_out_however_they_are_written(office):
    office.add("Dr. José Peña", "Physics")
    added = office.run("faculty", "add", "--name", "DR.  JOSE\u0301 PEN\u0303A", "--department", "physics")
    assert "José Peña (id 1) is in this department too" in added.err
    other = office.run("faculty", "add", "--name", "Dr. Jose Pena", "--department", "Physics")
    assert "too" not in other.err
    changed = office.run("faculty", "set", "3", "--name", "dr. josé\u00a0peña")
    assert "(id 1) is in this department too" in changed.err
    assert "too" not in office.run("faculty", "set", "3", "--room", "B-1").err
