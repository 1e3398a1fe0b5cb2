# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The wall clock steps an hour back and forth under a running server: no evidence ages, and nothing is refused."""

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from conftest import IS_SOAK, open_broker, until
from paho.mqtt.enums import CallbackAPIVersion
from screens import Screen, checks, get, is_ready, leads, number

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
HOUR = 3600
# The server trusts the clock after it has been ahead for 60 s: `make test` stays below that, and a soak goes beyond.
STEPS = [(HOUR, 4), (-HOUR, 4), (0, 2)] if not IS_SOAK else [(HOUR, 75), (-HOUR, 75), (0, 10), (HOUR, 20), (0, 5)]

SEED = """
INSERT INTO faculty (id, name, surname, department) VALUES (1, 'Dr. 1', 'P1', 'CS'), (2, 'Dr. 2', 'P2', 'CS');
INSERT INTO beacon VALUES ('AA:BB:CC:DD:EE:01', 1);
INSERT INTO desk_unit (id, dialect, faculty_id) VALUES ('d1-1', 1, 1), ('desk-2', 2, 2);
"""


class Desks:
    """An old unit and a new one, which both beat and both report present."""

    def __init__(self, port: int) -> None:
        self.started = time.monotonic()
        self.seq = 0
        self.told: dict[int, str] = {}
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.on_message = self._told
        self.client.connect("127.0.0.1", port)
        self.client.subscribe("consultease/v2/unit/desk-2/command", qos=1)
        self.client.loop_start()

    def _told(self, _client, _data, message) -> None:
        word = json.loads(message.payload)
        if word["type"] == "ack":
            self.told[word["seq"]] = word["result"]

    @property
    def uptime(self) -> int:
        return int((time.monotonic() - self.started) * 1000)

    def speak(self, is_present: bool = True) -> None:
        status = {"present": is_present, "timestamp": self.uptime}
        self.client.publish("consultease/faculty/1/heartbeat", json.dumps({"uptime": self.uptime}), qos=1)
        self.client.publish("consultease/faculty/1/status", json.dumps(status), qos=1)
        self.seq += 1
        event = {"boot": "b0000002", "seq": self.seq, "type": "presence", "present": is_present}
        self.client.publish("consultease/v2/unit/desk-2/event", json.dumps(event), qos=1)


def shown(url: str) -> dict[int, tuple[str, datetime | None]]:
    people = get(f"{url}/api/v1/faculty")[2]["faculty"]
    return {one["id"]: (one["availability"], moment(one["last_seen"])) for one in people}


def step(clock: Path, seconds: int) -> None:
    """The file is renamed into place, because every look at the clock reads it."""
    beside = clock.with_suffix(".new")
    beside.write_text(f"{seconds:+d}\n")
    beside.rename(clock)


def wall_offset(url: str) -> float:
    """Returns the seconds by which the wall clock of the server's process is ahead. HTTP's `Date` shows that clock; it
    is cached for a moment and, after a step back, for as long as the step."""
    stamped = parsedate_to_datetime(get(f"{url}/health/live")[1]["Date"])
    return (stamped - datetime.now(UTC)).total_seconds()


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@pytest.fixture
def clock(folder) -> Path:
    """Returns the file that says by how much the wall clock is wrong."""
    path = folder / "clock"
    step(path, 0)
    return path


@pytest.fixture
def binary(binary, clock, folder) -> str:
    """The command under a wall clock of its own. Monotonic clocks aren't stepped with it, nor are they here.

    The inner `env` is there for its environment: libfaketime adds to that of the first process it is loaded into, which
    moves it, and Swift looks for a command's arguments beside it.
    """
    if not LIBRARIES:
        pytest.skip("libfaketime is not installed")
    path = folder / "command"
    path.write_text(
        f"#!/bin/sh\nexec env LD_PRELOAD={LIBRARIES[0]} FAKETIME_TIMESTAMP_FILE={clock} FAKETIME_NO_CACHE=1"
        f' FAKETIME_DONT_FAKE_MONOTONIC=1 env {binary} "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


def test_the_clock_stepped_an_hour_back_and_forth_ages_and_refuses_nothing(clock, folder, serve):
    with open_broker(folder) as port:
        server = serve("--broker", f"mqtt://127.0.0.1:{port}")
        server.wait_until_ready()
        server.database.executescript(SEED)
        desks, screen = Desks(port), Screen(server.url)

        def are_available(count: int) -> bool:
            return [state for state, _ in shown(server.url).values()] == ["available"] * count

        desks.speak()
        until("both are available", lambda: are_available(2))
        tags = [get(f"{server.url}/api/v1/faculty")[2]["revision"]]
        for offset, seconds in STEPS:
            step(clock, offset)
            if offset > 0:
                until("the server's wall clock is stepped", lambda o=offset: abs(wall_offset(server.url) - o) < 5)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                # No unit sends anything for a moment after a step: a clock could make a silence out of that.
                time.sleep(0.25)
                assert are_available(2), f"at {offset:+d} s: {shown(server.url)}"
                if time.monotonic() > deadline - seconds * 0.6:
                    desks.speak()
            # A change at this time is accepted, has a revision of its own, and is shown.
            for is_present, word in ((False, "away"), (True, "available")):
                desks.speak(is_present)
                until(f"both are {word}", lambda w=word: [s for s, _ in shown(server.url).values()] == [w] * 2)
                tags.append(get(f"{server.url}/api/v1/faculty")[2]["revision"])
            seen = [at for _, at in shown(server.url).values()]
            now = datetime.now(UTC)
            # If the server trusted a clock that was ahead long enough, that remains: time doesn't go back.
            ahead = HOUR if IS_SOAK else 0
            for at in seen:
                assert now - timedelta(minutes=2) <= at <= now + timedelta(seconds=ahead + 60), (offset, seen, now)
            # libfaketime moves timers of CLOCK_BOOTTIME with the wall clock, which Linux does not. The ticks that
            # confirm the board may stand still here, so only that is left out.
            failing = [check for check in checks(server.url).values() if not check["ok"] and check["name"] != "board"]
            assert not failing
        until("the unit was told of all", lambda: len(desks.told) == desks.seq)
        assert set(desks.told.values()) == {"stored"}
        numbers = [number(tag) for tag in tags]
        assert numbers == sorted(set(numbers)), numbers
        database = server.database
        assert [dict(row) for row in database.execute("SELECT unit, reason, count FROM refusal")] == []
        assert not screen.faults, screen.faults
        for words in screen.shown.values():
            assert "unknown" not in words[words.index("available") :], words
        # Committed times never went back either.
        assert screen.times == sorted(screen.times)
        screen.stop()
        server.running.stop()


@pytest.mark.skipif(not IS_SOAK, reason="a minute and a half: in the soak")
def test_a_lasting_clock_step_makes_no_person_with_a_live_unit_unknown(clock, folder, serve):
    """The server trusts the step after 60 s; older evidence is not an hour old then. Units beat every 28 s."""
    with open_broker(folder) as port:
        server = serve("--broker", f"mqtt://127.0.0.1:{port}")
        server.wait_until_ready()
        server.database.executescript(SEED)
        desks, screen = Desks(port), Screen(server.url)
        desks.speak()
        until("both are available", lambda: [state for state, _ in shown(server.url).values()] == ["available"] * 2)
        step(clock, HOUR)
        for _ in range(3):
            time.sleep(28)
            desks.speak()
        for words in screen.shown.values():
            assert "unknown" not in words[words.index("available") :], words
        screen.stop()


def test_servers_on_one_database_go_by_its_clock_and_not_by_their_machines(clock, database, folder, instance):
    """A server whose machine is an hour ahead would age every person's evidence, and move time forward for good."""
    with open_broker(folder) as port:
        first = instance("a", database, port)
        # A standby is ready too, but receives no unit's messages.
        until("it leads", lambda: leads(first.url) and is_ready(first.url))
        database.psql(SEED)
        desks = Desks(port)
        desks.speak()
        until("both are available", lambda: [state for state, _ in shown(first.url).values()] == ["available"] * 2)
        screen = Screen(first.url)
        step(clock, HOUR)
        second = instance("b", database, port)
        second.wait_until_ready()
        for is_present, word in ((False, "away"), (True, "available")):
            desks.speak(is_present)
            for url in (first.url, second.url):
                until(f"both are {word}", lambda u=url, w=word: [s for s, _ in shown(u).values()] == [w] * 2)
        now = datetime.now(UTC)
        for url in (first.url, second.url):
            assert all(abs((at - now).total_seconds()) < 120 for _, at in shown(url).values()), shown(url)
        for words in screen.shown.values():
            assert "unknown" not in words[words.index("available") :], words
        assert not screen.faults, screen.faults
        screen.stop()
