# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""unit: whose desk a unit stands on, and the credentials of the embedded broker."""

import json
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mqtt
import pytest


def test_units_are_added_assigned_and_listed(office):
    office.add()
    office.add("Ben Cruz")
    assert office.json("unit", "add", "desk-7", "--faculty", "1")["dialect"] == 2
    assert office.json("unit", "add", "d1-2")["faculty_id"] == 2
    units = {unit["unit"]: unit for unit in office.json("unit", "list")}
    assert units["desk-7"]["faculty_name"] == "Dr. Ana Reyes" and units["desk-7"]["link"] == "never-heard"
    assert units["d1-2"]["dialect"] == 1 and units["d1-2"]["faculty_id"] == 2
    office.run("unit", "assign", "desk-7", "--nobody")
    assert office.json("unit", "list")[1]["faculty_id"] is None
    office.run("unit", "assign", "desk-7", "--faculty", "2")
    assert "desk-7" in office.run("unit", "list").out
    assert "desk-7" in office.run("faculty", "show", "2").out


def test_a_stale_assignment_shows_both_sides_and_moves_nothing(office):
    office.add()
    office.add("Ben Cruz")
    office.run("unit", "add", "desk-7", "--faculty", "1")
    assert office.json("unit", "list")[0]["version"] == 1
    assert office.json("unit", "assign", "desk-7", "--faculty", "2", "--if-version", "1")["version"] == 2
    sides = office.json("unit", "assign", "desk-7", "--nobody", "--if-version", "1", expect=9)
    assert sides == {
        "conflict": "unit",
        "yours": {"faculty_id": None, "version": 1},
        "theirs": {"faculty_id": 2, "version": 2},
    }
    outcome = office.run("unit", "assign", "desk-7", "--nobody", "--if-version", "1", expect=9)
    assert ["faculty_id", "\u2013", "2"] in [line.split() for line in outcome.out.splitlines()]
    assert "the unit desk-7" in outcome.err and "--if-version 2" in outcome.err
    assert office.json("unit", "list")[0]["faculty_id"] == 2
    office.run("unit", "assign", "desk-7", "--nobody", "--if-version", "2")


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
    office.add()
    office.add("Ben Cruz")
    office.run("unit", "add", "desk-1", "--faculty", "1")
    office.run("unit", "add", "spare")
    before = office.json("unit", "list")
    assert words in office.run("unit", *arguments, expect=1).err
    assert office.json("unit", "list") == before


def test_one_old_unit_is_meant_on_professor_status(office):
    office.add()
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


OWN = {"CONSULTEASE_BROKER": "mqtt://u@broker.example"}


@pytest.mark.parametrize("unit", ["desk-7", "d1-1"])
def test_with_a_broker_of_ones_own_it_is_told_what_to_do_there(office, unit):
    office.add()
    office.run("unit", "add", unit)
    before = passwords(office)
    told = office.run("unit", "credential", unit, **OWN).out
    assert f"mosquitto_passwd PASSWORD_FILE {unit}" in told and "only time" in told
    made = office.json("unit", "credential", unit, **OWN)
    assert made["user"] == unit and len(made["password"]) == 32 and made["broker_told"] is False
    assert passwords(office) == before
    # The rules are those of the embedded broker: for units of dialect 2 it has patterns instead.
    office.run("unit", "credential", unit)
    embedded = (office.data / "broker" / "acl").read_text()
    for rule in made["acl"]:
        assert f"  {rule}" in told.splitlines()
        pattern = rule.replace("topic", "pattern").replace(unit, "%u")
        assert rule.startswith("user") or (rule if unit == "d1-1" else pattern) in embedded.splitlines()
    assert made["acl"][0] == f"user {unit}" and len(made["acl"]) == (11 if unit == "d1-1" else 4)


def test_a_password_for_a_broker_of_ones_own_may_go_into_a_file(office):
    office.run("unit", "add", "desk-7")
    path = office.data.parent / "desk-7.password"
    outcome = office.run("unit", "credential", "desk-7", "--password-file", str(path), **OWN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().strip() not in outcome.out + outcome.err


def test_the_port_is_the_one_on_which_the_broker_listens(office, server):
    office.run("unit", "add", "desk-7")
    assert f"the port {server.desks}." in office.run("unit", "credential", "desk-7").out
    server.stop()
    assert f"the port {server.desks}." in office.run("unit", "credential", "desk-7").out


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
