# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A unit's packets that break MQTT's rules, and that the broker forwards, stop no other unit's messages."""

import json

import pytest
from conftest import free_port, until
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from test_kill import Unit, command, seen

BAD = {
    "a Response Topic with a wildcard": ("ResponseTopic", "a/#"),
    "an empty Response Topic": ("ResponseTopic", ""),
    "a Payload Format Indicator that is neither 0 nor 1": ("PayloadFormatIndicator", 2),
}


@pytest.mark.parametrize("what", BAD)
def test_all_other_units_are_heard(binary, folder, serve, what):
    port = free_port()
    server = serve("--desks", f"127.0.0.1:{port}")
    data = folder / "data"
    units = []
    for number in (1, 2):
        command(binary, data, "faculty", "add", "--id", str(number), "--name", f"Dr. {number}", "--department", "CS")
        command(binary, data, "unit", "add", f"desk-{number}", "--faculty", str(number))
        password = command(binary, data, "unit", "credential", f"desk-{number}", "--json")["password"]
        units.append(until("the unit is let in", lambda n=number, p=password: let_in(n, port, p)))
    server.wait_until_ready()
    bad, good = units
    properties = Properties(PacketTypes.PUBLISH)
    name, value = BAD[what]
    # The library's own check is bypassed.
    object.__setattr__(properties, name, value)
    event = {"boot": bad.boot, "seq": 1, "type": "presence", "present": True}
    bad.client.publish("consultease/v2/unit/desk-1/event", json.dumps(event), qos=1, properties=properties)
    until("the broker has it", lambda: bad.with_broker == 1)
    for _ in range(3):
        good.say()
    until("the others are heard", lambda: seen(server.database).get("desk-2") == {1, 2, 3}, seconds=20)
    # The payload is valid; only its properties are not.
    until("it is heard itself", lambda: seen(server.database).get("desk-1") == {1}, seconds=20)
    for unit in units:
        unit.client.disconnect()
    server.running.stop()


def let_in(number: int, port: int, password: str) -> Unit | None:
    try:
        return Unit(number, port, password)
    except ConnectionRefusedError:
        return None
