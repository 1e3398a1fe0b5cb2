# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""broker: each folder has one, whichever program runs it; a second program adopts it or is told why it can't."""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import harness
import mqtt
import pytest
from harness import eventually, free_port


def starts(office, port: int, log: Path) -> subprocess.Popen:
    with log.open("ab") as errors:
        return subprocess.Popen(
            [office.binary, "broker", "--data", office.data, "--desks", f"127.0.0.1:{port}"], stderr=errors
        )


@contextmanager
def broker(office, port: int):
    """Runs `consultease broker` on the folder until desks can connect. Its log is broker.log beside the folder."""
    process = starts(office, port, office.data.parent / "broker.log")
    try:
        mqtt.until_answer(port, "nobody", "nothing", mqtt.REFUSED)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


@pytest.fixture()
def unit(office) -> str:
    """Returns the password of desk-7."""
    office.run("unit", "add", "desk-7")
    return office.json("unit", "credential", "desk-7")["password"]


def configuration(office) -> str:
    return (office.data / "broker" / "mosquitto.conf").read_text()


@pytest.mark.parametrize(
    "more",
    [
        lambda _: ["--desks", f"127.0.0.1:{free_port()}"],
        lambda desks: ["--desks", f"127.0.0.1:{desks}", "--open-desks", f"127.0.0.1:{free_port()}"],
    ],
    ids=["other desks", "another listener"],
)
def test_a_broker_of_other_addresses_leaves_a_live_servers_broker_alone(office, server, unit, more):
    before, pid = configuration(office), (office.data / "broker" / "running.json").read_text()
    outcome = office.run("broker", *more(server.desks), expect=1)
    assert f"listens on 127.0.0.1:{server.desks}, not on 127.0.0.1:" in outcome.err
    assert "--desks" in outcome.err
    assert configuration(office) == before
    assert (office.data / "broker" / "running.json").read_text() == pid
    mqtt.until_answer(server.desks, "desk-7", unit, mqtt.ACCEPTED)
    assert server.is_ready()


def test_a_server_of_other_addresses_leaves_a_live_broker_alone(office, unit):
    port = free_port()
    with broker(office, port):
        before = configuration(office)
        flags = ["--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}"]
        outcome = office.run("serve", *flags, expect=1)
        assert f"listens on 127.0.0.1:{port}, not on" in outcome.err
        assert configuration(office) == before
        mqtt.until_answer(port, "desk-7", unit, mqtt.ACCEPTED)


class AdoptingServer(harness.Server):
    """`consultease serve` on a folder whose broker runs already."""

    def __init__(self, office, port: int) -> None:
        super().__init__(office.binary, office.data, "--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{port}")
        self.wait_until_ready()


def test_a_second_server_with_the_same_addresses_adopts_the_broker(office, server, unit):
    log = office.data.parent / "broker.log"
    with broker(office, server.desks):
        eventually(lambda: "Adopted the broker" in log.read_text())
        # The broker ends with the server, and the command starts the next one.
        server.stop()
        eventually(lambda: "The broker is running" in log.read_text(), 20)
        mqtt.until_answer(server.desks, "desk-7", unit, mqtt.ACCEPTED)
        again = AdoptingServer(office, server.desks)
        again.stop()
        assert "Adopted the broker" in again.log.read_text()
        mqtt.until_answer(server.desks, "desk-7", unit, mqtt.ACCEPTED)


def test_a_broker_that_comes_back_at_another_address_is_told_and_keeps_the_server(office, unit):
    first, second = free_port(), free_port()
    with broker(office, first):
        server = AdoptingServer(office, first)
    try:
        with broker(office, second):
            mqtt.until_answer(second, "desk-7", unit, mqtt.ACCEPTED)
            eventually(lambda: "listens elsewhere than it should" in server.log.read_text(), 20)
            eventually(server.is_ready, 20)
    finally:
        server.stop()


def test_a_broker_whose_runner_was_killed_is_followed_by_one_of_other_addresses(office, unit):
    first, second = free_port(), free_port()
    killed = starts(office, first, office.data.parent / "broker.log")
    mqtt.until_answer(first, "desk-7", unit, mqtt.ACCEPTED)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with broker(office, second):
        mqtt.until_answer(second, "desk-7", unit, mqtt.ACCEPTED)


def test_desks_without_a_port_are_a_usage_error(office):
    assert "--desks needs a port" in office.run("broker", "--desks", "127.0.0.1:0", expect=64).err


def test_the_first_ready_answer_is_a_leaders_and_what_is_acknowledged_then_arrives(empty):
    """The folder is new: the broker has no session for the server, and no broker runs."""
    desks, http = free_port(), free_port()
    flags = ["--listen", f"127.0.0.1:{http}", "--desks", f"127.0.0.1:{desks}"]
    server = harness.Server(empty.binary, empty.data, *flags)
    try:
        eventually(server.is_ready, what="the first answer that is ready")
        with urllib.request.urlopen(f"{server.url}/health/ready", timeout=30) as reply:
            answer = json.load(reply)
        assert answer["role"] == "leading", answer
        assert {"broker", "queue", "ingest"} <= {check["name"] for check in answer["checks"]}, answer
    finally:
        server.stop()
    log = server.log.read_text()
    assert "Not ready" not in log or "Ready again" in log, log


def test_pages_are_served_while_the_broker_can_not_start_and_it_is_tried_again(empty):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        desks = holder.getsockname()[1]
        flags = ["--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{desks}"]
        server = harness.Server(empty.binary, empty.data, *flags)
        try:
            eventually(lambda: "The broker can't be started; trying on" in server.log.read_text(), what="the log")
            assert urllib.request.urlopen(f"{server.url}/kiosk", timeout=30).status == 200
            with pytest.raises(urllib.error.HTTPError) as refusal:
                urllib.request.urlopen(f"{server.url}/health/ready", timeout=30)
            assert refusal.value.code == 503
            assert json.load(refusal.value)["role"] == "starting"
            holder.close()
            eventually(server.is_ready, what="the broker is started once its port is free")
            assert server.log.read_text().count("trying on") == 1
            assert "Ready again" in server.log.read_text()
        finally:
            server.stop()


@pytest.mark.parametrize("damage", [lambda _: b"", lambda old: bytes(len(old)), lambda old: old[: len(old) // 2]])
@pytest.mark.parametrize("name", ["mosquitto.db", "server.password", "passwords", "facts.json"])
@pytest.mark.usefixtures("unit")
def test_a_start_after_a_power_cut_mends_what_it_left(office, name, damage):
    file = office.data / "broker" / name
    file.write_bytes(damage(file.read_bytes()))
    server = harness.Server(
        office.binary, office.data, "--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}"
    )
    try:
        server.wait_until_ready()
    finally:
        server.stop()


def test_every_address_means_those_of_both_kinds(empty):
    desks = free_port()
    server = harness.Server(empty.binary, empty.data, "--listen", "127.0.0.1:0", "--desks", f"[::]:{desks}")
    try:
        server.wait_until_ready()
        mqtt.until_answer(desks, "nobody", "nothing", mqtt.REFUSED)
    finally:
        server.stop()
