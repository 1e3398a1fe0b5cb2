# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""kill -9 of the server under load: everything acknowledged is there, nothing is applied twice, and the queue is
kept."""

import json
import random
import subprocess
import threading
import time

import paho.mqtt.client as mqtt
from conftest import Process, free_port, until
from paho.mqtt.enums import CallbackAPIVersion

UNITS = 6
KILLS = 10
# A unit sends up to this many events ahead of the database, so the broker always holds some.
AHEAD = 100


class Unit:
    """A dialect 2 desk unit that sends each event once: an event that is lost on the way stays lost, and is noticed."""

    def __init__(self, number: int, port: int, password: str) -> None:
        self.name = f"desk-{number}"
        self.boot = f"b00000{number:02d}"
        self.said = 0
        self.with_broker = 0
        self.stored: set[int] = set()
        self.told_stored: dict[int, int] = {}
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=self.name, protocol=mqtt.MQTTv5)
        self.client.username_pw_set(self.name, password)
        self.client.on_message = self._told
        self.client.on_publish = self._taken
        self.client.max_inflight_messages_set(200)
        self.client.connect("127.0.0.1", port)
        self.client.subscribe(f"consultease/v2/unit/{self.name}/command", qos=1)
        self.client.loop_start()

    def _taken(self, *_) -> None:
        self.with_broker += 1

    def _told(self, _client, _data, message) -> None:
        word = json.loads(message.payload)
        if word["type"] != "ack":
            return
        assert word["result"] in ("stored", "duplicate"), word
        if word["result"] == "stored":
            self.told_stored[word["seq"]] = self.told_stored.get(word["seq"], 0) + 1
        self.stored.add(word["seq"])

    def say(self) -> None:
        self.said += 1
        self.repeat(self.said)

    def repeat(self, number: int) -> None:
        event = {"boot": self.boot, "seq": number, "type": "presence", "present": number % 2 == 1}
        self.client.publish(f"consultease/v2/unit/{self.name}/event", json.dumps(event), qos=1)


def seen(database) -> dict[str, set[int]]:
    """Returns the applied events in each unit's row."""
    found = {}
    for row in database.execute("SELECT unit_id, seen FROM unit_boot"):
        numbers = set()
        for part in filter(None, row["seen"].split(",")):
            first, _, last = part.partition("-")
            numbers.update(range(int(first), int(last or first) + 1))
        found[row["unit_id"]] = numbers
    return found


def ahead(units: list[Unit], database) -> int:
    """Returns how many events the broker has acknowledged but the database lacks, at least; 0 if it has all."""
    taken = sum(unit.with_broker for unit in units)
    return max(0, taken - sum(len(numbers) for numbers in seen(database).values()))


def test_ten_kills_under_load_lose_nothing_that_was_acknowledged(binary, folder, serve):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    data, port = folder / "data", free_port()
    # The broker runs separately, as an operator may run it, so that it outlives the server.
    broker = Process(
        binary,
        "broker",
        "--data",
        str(data),
        "--desks",
        f"127.0.0.1:{port}",
        "--log-level",
        "warning",
        log=folder / "broker.log",
    )
    running = until("the broker runs", lambda: (data / "broker" / "running.json").exists())
    assert running
    server = serve("--desks", f"127.0.0.1:{port}", data=data)
    units = []
    for number in range(1, UNITS + 1):
        command(binary, data, "faculty", "add", "--id", str(number), "--name", f"Dr. {number}", "--department", "CS")
        command(binary, data, "unit", "add", f"desk-{number}", "--faculty", str(number))
        password = command(binary, data, "unit", "credential", f"desk-{number}", "--json")["password"]
        units.append(Unit(number, port, password))
    speaking = threading.Event()
    speaking.set()

    def speak() -> None:
        while speaking.is_set():
            for unit in units:
                if unit.said - len(unit.stored) < AHEAD:
                    unit.say()
            time.sleep(0.0005)

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        kills = 0
        for attempt in range(1, 4 * KILLS):
            goal = sum(len(unit.stored) for unit in units) + dice.randrange(300, 1200)
            until("more is stored", lambda goal=goal: sum(len(unit.stored) for unit in units) >= goal)
            # Every second kill finds the server waiting for a writer beside it; the others find it in any state.
            outsider = server.database
            if attempt % 2:
                outsider.execute("BEGIN IMMEDIATE")
            under_way = until("the broker has what the database has not", lambda o=outsider: ahead(units, o))
            acknowledged = {unit.name: set(unit.stored) for unit in units}
            taken = sum(unit.with_broker for unit in units)
            server.running.kill()
            outsider.close()
            rows = seen(server.database)
            at_least = taken - sum(len(numbers) for numbers in rows.values())
            print(f"kill {attempt}: {under_way} unacknowledged just before, at least {max(at_least, 0)} at the kill")
            kills += at_least > 0
            for unit in units:
                assert acknowledged[unit.name] <= rows.get(unit.name, set()), f"seed {seed}: {unit.name} lost"
            server = serve("--desks", f"127.0.0.1:{port}", data=data)
            if kills == KILLS:
                break
        assert kills == KILLS, f"seed {seed}: only {kills} kills found something unacknowledged"
    finally:
        speaking.clear()
        speaker.join()
    database = server.database
    everything = {unit.name: set(range(1, unit.said + 1)) for unit in units}
    until("the queue is drained", lambda: seen(database) == everything, 120)
    for unit in units:
        repeat_until_told(unit, everything[unit.name])
        twice = [number for number, count in unit.told_stored.items() if count > 1]
        assert not twice, f"seed {seed}: applied twice by {unit.name}: {twice}"
        last = database.execute(
            "SELECT state FROM presence WHERE faculty_id = ?", (int(unit.name.removeprefix("desk-")),)
        ).fetchone()
        assert last["state"] == ("present" if unit.said % 2 == 1 else "absent")
        unit.client.disconnect()
    server.running.stop()
    assert broker.stop() == 0
    print(f"{sum(unit.said for unit in units)} events, {KILLS} kills, none lost, none applied twice")


def repeat_until_told(unit: Unit, everything: set[int]) -> None:
    """A reply is lost with the server that was about to send it, or with its connection: the unit repeats its event
    until it gets the reply (rule 16)."""
    again = 0.0

    def is_told() -> bool:
        nonlocal again
        if time.monotonic() >= again:
            again = time.monotonic() + 5
            for number in sorted(everything - unit.stored):
                unit.repeat(number)
        return unit.stored == everything

    until(f"{unit.name} was told of everything", is_told)


def command(binary: str, data, *arguments: str):
    done = subprocess.run([binary, *arguments, "--data", str(data)], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout) if "--json" in arguments else None
