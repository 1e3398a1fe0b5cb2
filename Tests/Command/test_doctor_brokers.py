# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""`doctor` on a broker that another operator runs, and on damaged files of the folder's own broker."""

import mqtt
import pytest
from conftest import Installation
from harness import free_port
from test_doctor import examine, failed, quiet_port, why


@pytest.fixture()
def outside(office, server):
    """Returns another folder's broker with a desk unit's credential there, and a new installation that may use it."""
    office.run("unit", "add", "outsider")
    password = office.json("unit", "credential", "outsider")["password"]
    mqtt.until_answer(server.desks, "outsider", password, mqtt.ACCEPTED)
    return (
        f"mqtt://outsider@127.0.0.1:{server.desks}",
        password,
        Installation(office.binary, office.data.parent / "mine"),
    )


@pytest.mark.parametrize("given", ["right", "wrong", "missing"])
def test_doctor_signs_in_at_a_broker_of_ones_own(outside, given):
    broker, password, mine = outside
    environment = {"right": {"CONSULTEASE_BROKER_PASSWORD": password}, "missing": {}}.get(
        given, {"CONSULTEASE_BROKER_PASSWORD": "wrong-word"}
    )
    flags = ["--broker", broker, "--data", str(mine.data)]
    check = examine(mine, *flags, expect=1, **environment)["broker"]
    if given == "right":
        assert check["status"] == "ok" and "outsider is signed in" in check["detail"]
    else:
        assert check["status"] == "failed" and "refuses the user outsider" in check["detail"]
        assert "CONSULTEASE_BROKER_PASSWORD" in check["fix"] and "wrong-word" not in str(check)
        assert ("it is not set" if given == "missing" else "it stands in") in check["fix"]


def test_doctor_names_a_broker_that_asks_for_a_user_where_none_is_named(outside):
    broker, _, mine = outside
    check = examine(mine, "--broker", broker.replace("outsider@", ""), expect=1)["broker"]
    assert check["status"] == "failed" and "names no user" in check["detail"]


def test_a_wrong_password_at_the_folders_own_broker_is_told_and_takes_no_session(office, server):
    broker = f"mqtt://server@127.0.0.1:{server.desks}"
    log = office.data.parent / "server.log"
    before = log.read_text().count("MQTT connection ended")
    checks = examine(office, "--broker", broker, *server.flags[:2], expect=1, CONSULTEASE_BROKER_PASSWORD="wrong-word")
    assert failed(checks) == {"broker"}, why(checks)
    assert "CONSULTEASE_BROKER_PASSWORD" in checks["broker"]["fix"]
    assert log.read_text().count("MQTT connection ended") == before


def test_a_broker_of_ones_own_that_does_not_answer(office):
    checks = examine(office, "--broker", f"mqtt://u@127.0.0.1:{free_port()}", expect=1)
    assert failed(checks) == {"broker"}, why(checks)
    assert checks["programs"]["status"] == checks["desks-port"]["status"] == "skipped"


def test_a_look_at_an_external_broker_takes_no_session(office, server):
    broker = f"mqtt://server@127.0.0.1:{server.desks}"
    password = (office.data / "broker" / "server.password").read_text().strip()
    log = office.data.parent / "server.log"
    before = log.read_text().count("MQTT connection ended")
    checks = examine(office, "--broker", broker, *server.flags[:2], CONSULTEASE_BROKER_PASSWORD=password)
    assert "lets no stranger in" in checks["broker"]["detail"]
    assert log.read_text().count("MQTT connection ended") == before


@pytest.mark.parametrize("name", ["passwords", "server.password", "acl", "acl.open", "mosquitto.conf", "mosquitto.db"])
@pytest.mark.parametrize("damage", [lambda old: bytes(max(len(old), 64)), lambda _: b"\xffgarbage" * 9])
def test_each_damaged_file_of_the_broker_is_named(office, name, damage):
    """The file is as a power cut leaves it, before the next start repairs it. doctor names the file and changes
    nothing."""
    file = office.data / "broker" / name
    before = file.read_bytes() if file.exists() else b""
    file.write_bytes(damage(before))
    check = examine(office, *quiet_port(), expect=1)["broker-files"]
    assert check["status"] == "failed" and name in check["detail"], check
    assert ("may be lost" in check["detail"]) == (name in ("passwords", "mosquitto.db"))
    assert file.read_bytes() == damage(before)
