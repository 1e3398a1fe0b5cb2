# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The embedded broker's rules for publishing, with credentials and on the listener for old units without."""

import json

import harness
import mqtt
import pytest
from harness import eventually, free_port


class Doors(harness.Server):
    """A server that also admits old units without credentials."""

    def __init__(self, office) -> None:
        self.desks, self.open = free_port(), free_port()
        flags = ["--listen", f"127.0.0.1:{free_port()}", "--desks", f"127.0.0.1:{self.desks}"]
        super().__init__(office.binary, office.data, *flags, "--open-desks", f"127.0.0.1:{self.open}")
        self.wait_until_ready()


@pytest.fixture()
def people(office):
    """Adds people: 1 has a dialect 2 unit with credentials, 2 an old one with credentials, 3 an old one without."""
    for name in ("Dr. Ana Reyes", "Ben Cruz", "Cora Lim"):
        office.add(name)
    office.run("unit", "add", "desk-1", "--faculty", "1")
    office.run("unit", "add", "d1-2")
    office.run("unit", "add", "d1-3")
    office.passwords = {unit: office.json("unit", "credential", unit)["password"] for unit in ("desk-1", "d1-2")}
    return office


def says(port: int, person: int, *credentials: str, topic: str | None = None, **body) -> None:
    code, connection = mqtt.connect(port, *credentials) if credentials else mqtt.anonymous(port, f"old-{person}")
    assert code == mqtt.ACCEPTED
    payload = json.dumps({"present": True, "status": "AVAILABLE"} | body)
    mqtt.publish(connection, topic or f"consultease/faculty/{person}/status", payload)
    connection.sendall(b"\xe0\x00")
    connection.close()


def states(office) -> dict[int, str]:
    return {person["id"]: person["availability"] for person in office.json("faculty", "list")["faculty"]}


@pytest.fixture()
def doors(people):
    running = Doors(people)

    def is_heard() -> bool:
        says(running.open, 3, present=False, status="AWAY")
        return states(people)[3] == "away"

    eventually(is_heard, 10)
    yield running
    running.stop()


def test_no_open_client_speaks_for_a_person_whose_unit_has_credentials(people, doors):
    says(doors.open, 1)
    says(doors.open, 2)
    says(doors.open, 3, topic="professor/status", faculty_id=1, status=True)
    # If the last sender is heard, the server has read the others and ignored them.
    says(doors.open, 3)
    eventually(lambda: states(people)[3] == "available")
    assert states(people) == {1: "unknown", 2: "unknown", 3: "available"}
    says(doors.desks, 2, "d1-2", people.passwords["d1-2"])
    eventually(lambda: states(people)[2] == "available")


def test_a_unit_put_on_another_desk_guards_that_one(people, doors):
    people.run("unit", "assign", "desk-1", "--nobody")
    people.run("unit", "assign", "desk-1", "--faculty", "3")

    def is_heard() -> bool:
        says(doors.open, 1)
        return states(people)[1] == "available"

    eventually(is_heard)
    says(doors.open, 3)
    says(doors.open, 1, present=False, status="AWAY")
    eventually(lambda: states(people)[1] == "away")
    assert states(people)[3] == "away"


def test_the_sender_of_professor_status_may_speak_there(people, doors):
    topic, secret = "professor/status", people.passwords["d1-2"]
    people.run("unit", "professor-status", "d1-2")

    def is_heard() -> bool:
        says(doors.desks, 2, "d1-2", secret, topic=topic, status=True)
        return states(people)[2] == "available"

    eventually(is_heard)
    people.run("unit", "professor-status", "--nobody")
    rules = (people.data / "broker" / "acl").read_text()
    assert rules.count(topic) == 1, "the server's own"


def test_credentials_made_during_a_restart_are_all_kept(people):
    """A start, which writes the rules again, and commands that add credentials must not undo each other's files."""
    units = [f"desk-{number}" for number in range(10, 14)]
    for unit in units:
        people.run("unit", "add", unit)
    makers = [people.start("unit", "credential", unit) for unit in units]
    running = Doors(people)
    for maker in makers:
        maker.communicate(timeout=60)
        assert maker.returncode == 0
    running.stop()
    kept = {line.split(":")[0] for line in (people.data / "broker" / "passwords").read_text().splitlines()}
    assert kept == {"server", "desk-1", "d1-2", *units}
