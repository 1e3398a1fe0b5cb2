# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Desk units that send each event once, and a database that records what each commit applied: together an exact
oracle."""

import itertools
import json
import threading
import time
from collections import deque
from contextlib import contextmanager

import paho.mqtt.client as mqtt
from conftest import until
from paho.mqtt.enums import CallbackAPIVersion
from postgres import Database

# A unit sends up to this many events ahead of the acknowledged ones, so the broker always holds some.
AHEAD = 60
# A reply is lost with the server that was about to send it; by rule 16 units wait 10 s before they send an event again.
PATIENCE = 1.0

# Triggers record in each commit which events it applied, on which connection, and which revision it took. Every writer
# locks the row of `revision`, so the positions follow the order of commits.
AUDIT = """
CREATE TABLE audit_event (
    position bigserial PRIMARY KEY, pid int, xid xid8, at float8, unit_id text, was text, now text, padding text);
CREATE TABLE audit_revision (position bigserial PRIMARY KEY, pid int, xid xid8, at float8, n bigint);
CREATE FUNCTION audit_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit_event (pid, xid, at, unit_id, was, now) VALUES (pg_backend_pid(), pg_current_xact_id(),
        extract(epoch FROM clock_timestamp()), NEW.unit_id, CASE TG_OP WHEN 'UPDATE' THEN OLD.seen END, NEW.seen);
    RETURN NULL;
END $$;
CREATE FUNCTION audit_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit_revision (pid, xid, at, n)
        VALUES (pg_backend_pid(), pg_current_xact_id(), extract(epoch FROM clock_timestamp()), NEW.n);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_event AFTER INSERT OR UPDATE ON unit_boot FOR EACH ROW EXECUTE FUNCTION audit_event();
CREATE TRIGGER audit_revision AFTER UPDATE ON revision FOR EACH ROW WHEN (OLD.n <> NEW.n)
    EXECUTE FUNCTION audit_revision();
"""


class Unit:
    """A dialect 2 desk unit. It repeats an event only if no reply came, so a lost event is noticed."""

    def __init__(self, number: int, port: int) -> None:
        self.name = f"desk-{number}"
        self.boot = f"b00000{number:02d}"
        self.said = 0
        # The last events, each with a way to tell whether the broker has it.
        self.handed: deque = deque(maxlen=4 * AHEAD)
        self.stored: set[int] = set()
        self.told_stored: dict[int, int] = {}
        self.told: list[dict] = []
        self.heard_at = time.monotonic()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=self.name, protocol=mqtt.MQTTv5)
        self.client.on_message = self._told
        self.client.max_inflight_messages_set(200)
        self.client.connect("127.0.0.1", port)
        self.client.subscribe(f"consultease/v2/unit/{self.name}/command", qos=1)
        self.client.loop_start()

    def _told(self, _client, _data, message) -> None:
        word = json.loads(message.payload)
        if word["type"] != "ack":
            return
        self.heard_at = time.monotonic()
        self.told.append(word)
        if word["result"] == "stored":
            self.told_stored[word["seq"]] = self.told_stored.get(word["seq"], 0) + 1
        self.stored.add(word["seq"])

    def missing(self) -> list[int]:
        return sorted(set(range(1, self.said + 1)) - self.stored)

    def say(self) -> None:
        self.said += 1
        self.repeat(self.said)

    def repeat(self, number: int) -> None:
        event = {"boot": self.boot, "seq": number, "type": "presence", "present": number % 2 == 1}
        topic = f"consultease/v2/unit/{self.name}/event"
        self.handed.append((number, self.client.publish(topic, json.dumps(event), qos=1)))

    def with_broker(self) -> set[int]:
        """Returns those of the last events that the broker has acknowledged."""
        return {number for number, sent in list(self.handed) if sent.is_published()}

    def step(self) -> None:
        """Sends a new event, or repeats one that has had no answer for a while."""
        if self.said - len(self.stored) < AHEAD:
            self.say()
        elif time.monotonic() - self.heard_at > PATIENCE:
            self.heard_at = time.monotonic()
            for number in self.missing():
                self.repeat(number)


class Fleet:
    """Units 1 to `count` on the desks of faculty members 1 to `count`, and the audit of their events."""

    def __init__(self, database: Database, port: int, count: int = 6) -> None:
        self.database = database
        numbers = ",".join(f"({number})" for number in range(1, count + 1))
        database.psql(f"""
            INSERT INTO faculty (id, name, surname, department)
                SELECT i, 'Dr. ' || i, 'P' || i, 'CS' FROM (VALUES {numbers}) AS n (i);
            INSERT INTO desk_unit (id, dialect, faculty_id)
                SELECT 'desk-' || i, 2, i FROM (VALUES {numbers}) AS n (i);""")
        database.psql(AUDIT)
        self.units = [Unit(number, port) for number in range(1, count + 1)]
        self.speaking = threading.Event()
        self.pace = 0.001

    @property
    def stored(self) -> int:
        return sum(len(unit.stored) for unit in self.units)

    @contextmanager
    def under_load(self):
        """Lets the units send while the body runs."""
        self.speaking.set()
        speaker = threading.Thread(target=self._speak, daemon=True)
        speaker.start()
        try:
            yield
        finally:
            self.speaking.clear()
            speaker.join()

    def _speak(self) -> None:
        while self.speaking.is_set():
            for unit in self.units:
                unit.step()
            time.sleep(self.pace)

    def until_stored(self, more: int, seconds: float = 60) -> None:
        goal = self.stored + more
        until(f"{more} more events are stored", lambda: self.stored >= goal, seconds)

    def acknowledged(self) -> dict[str, set[int]]:
        return {unit.name: set(unit.stored) for unit in self.units}

    def with_broker(self) -> dict[str, set[int]]:
        return {unit.name: unit.with_broker() for unit in self.units}

    def only_with_broker(self, taken: dict[str, set[int]]) -> int:
        """Returns the number of events that the database doesn't have: the broker holds them, unacknowledged."""
        found = seen(self.database)
        return sum(len(numbers - found.get(name, set())) for name, numbers in taken.items())

    def require(self, acknowledged: dict[str, set[int]]) -> None:
        """Requires that the database has every event that the units were told is stored."""
        found = seen(self.database)
        for name, numbers in acknowledged.items():
            lost = numbers - found.get(name, set())
            assert not lost, f"{name} was told that these are stored, and they are not: {sorted(lost)[:20]}"

    def settle(self, seconds: float = 60) -> None:
        """Checks after the last event: each is stored once, none was refused, and the last one decides what is
        shown."""
        everything = {unit.name: set(range(1, unit.said + 1)) for unit in self.units}
        until("all that was said is in the database", lambda: seen(self.database) == everything, seconds)
        for unit in self.units:
            for number in unit.missing():
                unit.repeat(number)
        until("every unit was told of everything", lambda: not any(unit.missing() for unit in self.units), seconds)
        for unit in self.units:
            refused = [word for word in unit.told if word["result"] not in ("stored", "duplicate")]
            assert not refused, refused[:5]
            twice = [number for number, count in unit.told_stored.items() if count > 1]
            assert not twice, f"{unit.name} was told twice that this is stored: {twice[:20]}"
        assert self.database.rows("SELECT unit, reason, count FROM refusal") == []
        standing = dict(self.database.rows("SELECT faculty_id, state FROM presence"))
        for number, unit in enumerate(self.units, 1):
            assert standing[str(number)] == ("present" if unit.said % 2 == 1 else "absent"), unit.name
        self.check_audit()

    def check_audit(self) -> None:
        """Checks that one commit applied each event, and that each of the server's commits has one revision, rising in
        order."""
        applied: dict[str, set[int]] = {}
        for name, was, now in self.database.rows("SELECT unit_id, was, now FROM audit_event ORDER BY position"):
            before, after = ranges(was), ranges(now)
            assert before == applied.get(name, set()), f"{name}: an event was taken back"
            assert before <= after, f"{name}: an event was taken back"
            applied[name] = after
        revisions = [int(row[0]) for row in self.database.rows("SELECT n FROM audit_revision ORDER BY position")]
        assert all(one < after for one, after in itertools.pairwise(revisions)), "revisions don't rise"
        several = self.database.rows(
            "SELECT xid, count(*) FROM audit_revision WHERE xid IN (SELECT xid FROM audit_event)"
            " GROUP BY xid HAVING count(*) > 1"
        )
        assert not several, f"transactions with more than one revision: {several[:5]}"
        self.check_reigns()

    def check_reigns(self) -> None:
        """Checks that one connection writes at a time: after another connection has followed it, it never writes
        again."""
        former: set[str] = set()
        last = None
        for (pid,) in self.database.rows("SELECT pid FROM audit_event ORDER BY position"):
            if pid != last:
                assert pid not in former, f"the connection of process {pid} wrote again after another had"
                former.add(last)
                last = pid

    def close(self) -> None:
        for unit in self.units:
            unit.client.disconnect()
            unit.client.loop_stop()

    def say(self) -> str:
        commits = self.database.value("SELECT count(DISTINCT xid) FROM audit_event")
        return f"{sum(unit.said for unit in self.units)} events in {commits} commits, none lost, none applied twice"


def ranges(text: str) -> set[int]:
    """Returns the numbers in a text like `1-4,7`."""
    numbers = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers


def seen(database: Database) -> dict[str, set[int]]:
    """Returns the applied events in each unit's row."""
    return {name: ranges(numbers) for name, numbers in database.rows("SELECT unit_id, seen FROM unit_boot")}
