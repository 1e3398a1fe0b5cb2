# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The broker restarts while the server is away: messages that desks send meanwhile wait for the server."""

import pytest
from conftest import Process, free_port, until
from test_kill import Unit, command, seen


def broker(binary, data, port: int, log) -> Process:
    running = Process(binary, "broker", "--data", str(data), "--desks", f"127.0.0.1:{port}", log=log)
    # By then the broker has done everything that it does at its start.
    until("the broker runs", lambda: "The broker is running" in log.read_text())
    return running


@pytest.mark.parametrize("was_forgotten", [False, True])
def test_messages_of_a_desk_between_two_restarts_are_kept(binary, folder, serve, was_forgotten):
    """This holds also for a session that replaced one unknown to the database, and so began clean."""
    data, port = folder / "data", free_port()
    first = broker(binary, data, port, folder / "first.log")
    server = serve("--desks", f"127.0.0.1:{port}", data=data)
    command(binary, data, "faculty", "add", "--id", "1", "--name", "Dr. A", "--department", "CS")
    command(binary, data, "unit", "add", "desk-1", "--faculty", "1")
    password = command(binary, data, "unit", "credential", "desk-1", "--json")["password"]
    server.wait_until_ready()
    server.running.stop()
    if was_forgotten:
        server.database.execute("DELETE FROM mqtt_session")
        server = serve("--desks", f"127.0.0.1:{port}", data=data)
        server.wait_until_ready()
        server.running.stop()
    assert first.stop() == 0
    second = broker(binary, data, port, folder / "second.log")
    unit = until("the unit is let in", lambda: attempt(port, password))
    unit.say()
    until("the broker has it", lambda: unit.with_broker == 1)
    server = serve("--desks", f"127.0.0.1:{port}", data=data)
    until("the database has it", lambda: seen(server.database).get("desk-1") == {1})
    unit.client.disconnect()
    server.running.stop()
    assert second.stop() == 0


def test_an_adopted_broker_reads_what_the_start_of_a_server_wrote(binary, folder, serve):
    """The server writes its own credential at its start; a broker that had not read it would refuse the server."""
    data, port = folder / "data", free_port()
    running = broker(binary, data, port, folder / "broker.log")
    for name in ("passwords", "server.password"):
        (data / "broker" / name).unlink()
    server = serve("--desks", f"127.0.0.1:{port}", data=data)
    server.wait_until_ready()
    server.running.stop()
    assert running.stop() == 0


def attempt(port: int, password: str) -> Unit | None:
    """Returns a unit, or None while the port is closed: the broker opens it a moment after its socket."""
    try:
        return Unit(1, port, password)
    except ConnectionRefusedError:
        return None
