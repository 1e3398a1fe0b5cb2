# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""unit: the desk that a unit stands on, and its credentials at the embedded broker."""

import json
import re
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import mqtt
import pytest
from harness import eventually


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
        (["add", "desk-2", "--faculty", "99"], "no person has the id 99"),
        (["add", "d1-1", "--dialect", "2"], "dialect 1"),
        (["add", "old", "--dialect", "1"], "d1-7"),
        (["add", "d1-1", "--faculty", "2"], "names 1 in its topics"),
        (["add", "d1-99"], "no person has the id 99"),
        (["add", "server"], "the server's own name"),
        (["assign", "desk-9", "--nobody"], "consultease unit add desk-9"),
        (["assign", "spare", "--faculty", "1"], "desk-1 stands on the desk of 1"),
        (["assign", "spare", "--faculty", "99"], "no person has the id 99"),
        (["credential", "desk-9"], "consultease unit add desk-9"),
        (["credential", "d1-99"], "no person has the id 99"),
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
    # The printed rules are those of the embedded broker, which has patterns for dialect 2 units.
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


def connected(server, unit: str, password: str):
    mqtt.until_answer(server.desks, unit, password, mqtt.ACCEPTED)
    answer, connection = mqtt.connect(server.desks, unit, password)
    assert answer == mqtt.ACCEPTED
    return connection


def is_cut_off(connection) -> bool:
    connection.settimeout(20)
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize("command", ["revoke", "remove"])
def test_a_unit_whose_access_is_taken_away_is_cut_off_at_once(office, server, command):
    office.add()
    office.run("unit", "add", "desk-7", "--faculty", "1")
    password = office.json("unit", "credential", "desk-7")["password"]
    connection = connected(server, "desk-7", password)
    outcome = office.run("unit", command, "desk-7")
    assert "Revoked the credential of desk-7" in outcome.out and "cut the unit off" in outcome.out
    assert "by the user " in outcome.out
    assert is_cut_off(connection)
    connection.close()
    mqtt.until_answer(server.desks, "desk-7", password, mqtt.REFUSED)
    assert "desk-7" not in passwords(office)
    units = [unit["unit"] for unit in office.json("unit", "list")]
    assert units == (["desk-7"] if command == "revoke" else [])
    log = office.data.parent / "server.log"
    eventually(lambda: f"unit {command}" in log.read_text())


def test_a_removed_unit_speaks_for_no_person(office):
    office.add()
    office.run("unit", "add", "desk-7", "--faculty", "1")
    removed = office.json("unit", "remove", "desk-7")
    assert removed["faculty_id"] == 1 and removed["credential"]["revoked"] is False
    assert office.json("faculty", "show", "1")["units"] == []
    assert "consultease unit add desk-7" in office.run("unit", "remove", "desk-7", expect=1).err
    # The desk is free for another unit, and the name for a new one.
    office.run("unit", "add", "desk-7", "--faculty", "1")


def test_a_credential_that_is_revoked_can_be_given_anew(office):
    office.run("unit", "add", "desk-7")
    office.run("unit", "credential", "desk-7")
    assert office.json("unit", "revoke", "desk-7")["revoked"] is True
    assert "had no credential" in office.run("unit", "revoke", "desk-7").out
    office.run("unit", "credential", "desk-7")
    assert "desk-7" in passwords(office)
    assert "consultease unit add" in office.run("unit", "revoke", "desk-8", expect=1).err
    assert "server's own name" in office.run("unit", "revoke", "server", expect=1).err
    assert "server" in passwords(office)


def test_with_a_broker_of_ones_own_it_is_told_how_access_is_taken_away(office):
    office.run("unit", "add", "desk-7")
    assert "mosquitto_passwd -D PASSWORD_FILE desk-7" in office.run("unit", "revoke", "desk-7", **OWN).out
    assert "mosquitto_passwd -D PASSWORD_FILE desk-7" in office.run("unit", "remove", "desk-7", **OWN).out


@pytest.mark.parametrize("unit", ["desk-7", "d1-1"])
@pytest.mark.parametrize("in_file", [False, True])
def test_the_line_that_tries_a_credential_can_be_pasted(office, server, unit, in_file):
    office.add()
    office.run("unit", "add", unit, *([] if unit == "d1-1" else ["--faculty", "1"]))
    flags = ["--password-file", str(office.data.parent / "secret")] if in_file else []
    text = office.run("unit", "credential", unit, *flags).out
    assert "a second client of that name disconnects it" in text
    line = next(line for line in text.splitlines() if line.startswith("  mosquitto_pub "))

    # The line is split like a shell does; the test itself then does mosquitto_pub's work.
    shell = ["bash", "-c", f"mosquitto_pub() {{ printf '%s\\n' \"$@\"; }}; {line}"]
    words = subprocess.run(shell, capture_output=True, text=True, check=True, timeout=30).stdout.splitlines()
    given = dict(zip(words[::2], words[1::2], strict=True))
    assert given.keys() == {"-h", "-p", "-q", "-u", "-P", "-t", "-m"} and given["-p"] == str(server.desks)
    connection = connected(server, given["-u"], given["-P"])
    mqtt.publish(connection, given["-t"], given["-m"])
    eventually(lambda: {row["unit"]: row["link"] for row in office.json("unit", "list")}[unit] == "live")
    connection.close()


@pytest.mark.usefixtures("server")
def test_commands_leave_a_line_in_the_servers_log(office):
    office.add("Dr. Ana Reyes")
    office.run("faculty", "set", "1", "--room", "C-101")
    office.run("faculty", "override", "1", "busy")
    office.run("unit", "add", "desk-7", "--faculty", "1")
    office.run("unit", "credential", "desk-7")
    office.run("import", "faculty", office.file("one.csv", "name,department\nBen Cruz,Physics\n"))
    log = office.data.parent / "server.log"

    def commands():
        return [line for line in log.read_text().splitlines() if "A command was run on this data folder" in line]

    lines = eventually(lambda: len(commands()) >= 6 and commands())
    for line, words in zip(
        lines,
        ["faculty add", "faculty set", "faculty override", "unit add", "unit credential", "import faculty"],
        strict=True,
    ):
        assert words in line and "Reyes" not in line and "Cruz" not in line


def test_times_for_people_are_in_the_places_zone_and_say_so(office, server):
    office.add()
    office.run("unit", "add", "desk-7", "--faculty", "1")
    password = office.json("unit", "credential", "desk-7")["password"]
    connection = connected(server, "desk-7", password)
    event = {"boot": "0123456789abcdef", "seq": 1, "type": "presence", "present": True}
    mqtt.publish(connection, "consultease/v2/unit/desk-7/event", json.dumps(event))
    zone = {"CONSULTEASE_TIME_ZONE": "Asia/Manila"}
    eventually(lambda: office.json("unit", "list")[0]["heard_at"])
    utc = datetime.fromisoformat(office.json("unit", "list", **zone)[0]["heard_at"])
    assert utc.utcoffset() == timedelta(0)
    shown = re.search(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (\+08:00)$", office.run("unit", "list", **zone).out, re.M)
    assert shown and abs(datetime.fromisoformat(f"{shown[1]}{shown[2]}") - utc) < timedelta(seconds=60)
    override = office.run("faculty", "override", "1", "busy", "--until", "2099-01-01T02:00:00Z", **zone).out
    assert "until 2099-01-01 10:00:00 +08:00" in override
    assert "until 2099-01-01 10:00:00 +08:00" in office.run("faculty", "show", "1", **zone).out
    assert office.json("faculty", "show", "1", **zone)["override_until"] == "2099-01-01T02:00:00Z"
    connection.close()


def test_wire_judges_by_the_database_that_is_named_and_writes_nothing(office):
    office.add()
    office.run("unit", "add", "desk-77", "--faculty", "1")
    event = '{"boot":"b0000001","seq":1,"type":"presence","present":true}'
    message = ["--topic", "consultease/v2/unit/desk-77/event", "--payload", event]

    def state():
        return {path.name: path.read_bytes() for path in office.data.glob("*") if path.is_file()}

    before = state()
    assert office.json("wire", *message)["accepted"] is False
    judged = office.json("wire", *message, "--data", str(office.data))
    assert judged["accepted"] is True and judged["faculty_id"] == 1
    assert office.json("wire", *message, "--database", f"sqlite:{office.database}") == judged
    assert office.json("unit", "list")[0]["link"] == "never-heard"
    assert {name: text for name, text in state().items() if "-shm" not in name and "-wal" not in name} == {
        name: text for name, text in before.items() if "-shm" not in name and "-wal" not in name
    }
    office.run("wire", "--data", str(office.data), office.file("corpus.jsonl", "{}"), expect=64)
