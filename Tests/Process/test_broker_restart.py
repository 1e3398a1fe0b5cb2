# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The broker restarts while the server is away: what desks say before the server is back waits for it."""

from conftest import Process, free_port, until
from test_kill import Unit, command, seen


def test_what_a_desk_says_between_two_restarts_is_kept(binary, folder, serve):
    data, port = folder / "data", free_port()

    def broker(name: str) -> Process:
        running = Process(
            binary, "broker", "--data", str(data), "--desks", f"127.0.0.1:{port}", log=folder / f"{name}.log"
        )
        # All that it does at its start is done by then.
        until("the broker runs", lambda: "The broker is running" in (folder / f"{name}.log").read_text())
        return running

    first = broker("first")
    server = serve("--desks", f"127.0.0.1:{port}", data=data)
    command(binary, data, "faculty", "add", "--id", "1", "--name", "Dr. A", "--department", "CS")
    command(binary, data, "unit", "add", "desk-1", "--faculty", "1")
    password = command(binary, data, "unit", "credential", "desk-1", "--json")["password"]
    server.wait_until_ready()
    server.running.stop()
    assert first.stop() == 0
    second = broker("second")
    unit = until("the unit is let in", lambda: attempt(port, password))
    unit.say()
    until("the broker has it", lambda: unit.with_broker == 1)
    server = serve("--desks", f"127.0.0.1:{port}", data=data)
    until("the database has it", lambda: seen(server.database).get("desk-1") == {1})
    unit.client.disconnect()
    server.running.stop()
    assert second.stop() == 0


def attempt(port: int, password: str) -> Unit | None:
    """The broker opens its port a moment after its socket."""
    try:
        return Unit(1, port, password)
    except ConnectionRefusedError:
        return None
