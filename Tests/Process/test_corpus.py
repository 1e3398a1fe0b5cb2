# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Every line of the corpus passes through a real broker into a real server, whose rows and refusals match the line."""

import json
import subprocess
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from conftest import open_broker, until
from paho.mqtt.enums import CallbackAPIVersion

CORPUS = Path(__file__).parent.parent / "RulesTests" / "Corpus" / "corpus.jsonl"
LINES = [json.loads(line) for line in CORPUS.read_text().splitlines()]
SENTINEL = "consultease/sentinel"

# This repeats the protocol's fixture independently of the server: faculty 1-5, their desks, and their consultations.
RESET = """
BEGIN IMMEDIATE;
DELETE FROM refusal; DELETE FROM refusal_sample; DELETE FROM applied_answer; DELETE FROM unit_boot;
DELETE FROM unit_link; DELETE FROM desk_unit; DELETE FROM presence; DELETE FROM consultation; DELETE FROM student;
DELETE FROM beacon; DELETE FROM faculty;
INSERT INTO student VALUES (7, 'S7', 'Ana Cruz', 'CS', 1);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
INSERT INTO faculty (id, name, surname, department) SELECT i, 'Dr. ' || i, 'P' || i, 'CS' FROM n;
INSERT INTO beacon SELECT 'AA:BB:CC:DD:EE:0' || id, id FROM faculty;
INSERT INTO desk_unit (id, dialect, faculty_id) SELECT 'desk-' || id, 2, id FROM faculty;
INSERT INTO desk_unit (id, dialect, faculty_id) VALUES ('desk-9', 2, NULL);
INSERT INTO desk_unit (id, dialect, faculty_id) SELECT 'd1-' || id, 1, id FROM faculty;
INSERT INTO unit_link (unit_id, heard_at, tolerance, boot)
    SELECT 'desk-' || id, (SELECT committed_at FROM revision) - 10000, 90000, 'b0000001' FROM faculty;
INSERT INTO unit_boot (unit_id, boot, seen, last_presence) SELECT 'desk-' || id, 'a0000001', '1-4', NULL FROM faculty;
INSERT INTO unit_boot (unit_id, boot, seen, last_presence) SELECT 'desk-' || id, 'b0000001', '1-10', 10 FROM faculty;
INSERT INTO presence (faculty_id, state, since, source, unit_id, evidence_at, verified)
    SELECT id, 'present', (SELECT committed_at FROM revision) - 10000, 'beacon', 'desk-' || id,
        (SELECT committed_at FROM revision) - 10000, 1 FROM faculty;
WITH c(id, f, s) AS (VALUES (42, 1, 'pending'), (43, 1, 'pending'), (44, 1, 'accepted'), (45, 1, 'cancelled'),
    (50, 2, 'pending'), (61, 4, 'pending'), (70, 3, 'pending'), (1, 5, 'pending'))
INSERT INTO consultation (id, faculty_id, student_id, status, topic, message, created_at, on_screen_of)
    SELECT id, f, 7, s, 'thesis', 'chapter 2', 0, CASE s WHEN 'pending' THEN 'd1-' || f END FROM c;
COMMIT;
"""


class Office:
    """A server, its broker, and a client that publishes the corpus's messages."""

    def __init__(self, server, port: int) -> None:
        server.wait_until_ready()
        self.database = server.database
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.spoken = 0

    def rows(self, query: str) -> list[dict]:
        return [dict(row) for row in self.database.execute(query)]

    def reset(self) -> None:
        self.database.executescript(RESET)

    def say(self, message: dict) -> bool:
        """Publishes a message; returns False if MQTT itself forbids the topic."""
        try:
            sent = self.client.publish(message["topic"], payload(message), qos=message.get("qos", 0))
        except ValueError:
            return False
        sent.wait_for_publish(20)
        return True

    def wait(self) -> None:
        """Returns after everything sent before is committed: it sends a message that is always refused."""
        self.spoken += 1
        topic = f"{SENTINEL}/{self.spoken}"
        self.client.publish(topic, "here", qos=1)
        until(f"{topic} is refused", lambda: self.rows(f"SELECT 1 FROM refusal_sample WHERE topic = '{topic}'"))

    def refusals(self) -> list[str]:
        """Returns the reasons of refusals, without those of the sentinels."""
        counts = {}
        for row in self.rows("SELECT reason, sum(count) AS n FROM refusal GROUP BY reason"):
            counts[row["reason"]] = row["n"]
        counts["unknown-topic"] = counts.get("unknown-topic", 0) - self.sentinels_counted()
        return sorted(reason for reason, count in counts.items() for _ in range(count))

    def sentinels_counted(self) -> int:
        return self.spoken - self.spoken_before

    def begin(self) -> None:
        self.reset()
        self.spoken_before = self.spoken

    def age(self, milliseconds: int) -> None:
        """Makes everything received so far look older by this time."""
        self.database.execute(
            f"""UPDATE unit_link SET heard_at = heard_at - {milliseconds}, uptime_at = uptime_at - {milliseconds},
            started_at = started_at - {milliseconds}, heartbeat_at = heartbeat_at - {milliseconds}"""
        )

    def presence(self) -> dict[int, str]:
        return {row["faculty_id"]: row["state"] for row in self.rows("SELECT faculty_id, state FROM presence")}

    def consultations(self) -> dict[int, str]:
        return {row["id"]: row["status"] for row in self.rows("SELECT id, status FROM consultation")}


def payload(message: dict) -> bytes:
    return bytes.fromhex(message["payload_hex"]) if "payload_hex" in message else message["payload"].encode()


def is_at_subscribe(line: dict) -> bool:
    return "on-subscribe" in (line.get("delivery"), line["expect"].get("delivery"))


def is_heard(topic: str) -> bool:
    """Returns whether the server subscribes to the topic: other topics never reach it, which counts as a refusal. Nor
    does one of more than 200 levels: mosquitto itself ends the connection of its sender."""
    return topic.count("/") <= 200 and (topic.startswith("consultease/") or topic == "professor/status")


@pytest.fixture(scope="module")
def verdicts(binary) -> dict[str, dict]:
    """Returns the verdicts of the same judge without a broker, by line."""
    plain = subprocess.run([binary, "wire", str(CORPUS)], stdout=subprocess.PIPE, check=True)
    return {verdict["id"]: verdict for verdict in map(json.loads, plain.stdout.splitlines())}


def check(office: Office, line: dict, verdict: dict, before: tuple[dict, dict], heard: bool) -> None:
    expected = line["expect"]
    reasons = office.refusals()
    if expected["accepted"]:
        assert reasons == []
    elif heard:
        assert reasons == [verdict["reason"]]
    else:
        assert reasons == []
    presence, consultations = office.presence(), office.consultations()
    faculty = expected.get("faculty_id")
    if expected["accepted"] and expected["present"] is not None:
        assert presence[faculty] == ("present" if expected["present"] else "absent")
        presence.pop(faculty)
    elif expected["accepted"] and expected.get("new_status"):
        # A press proves presence, though its payload reports none.
        presence.pop(faculty)
    for person, state in presence.items():
        assert state == before[0].get(person), f"faculty {person}"
    if expected["accepted"] and expected["new_status"]:
        assert consultations.pop(expected["consultation_id"]) == expected["new_status"]
    for consultation, status in consultations.items():
        assert status == before[1][consultation], f"consultation {consultation}"


def test_every_live_line_comes_to_what_it_says(verdicts, folder, serve):
    lines = [line for line in LINES if not is_at_subscribe(line) and line["origin"] != "central"]
    failures = []
    with open_broker(folder) as port:
        office = Office(serve("--broker", f"mqtt://127.0.0.1:{port}"), port)
        for line in lines:
            office.begin()
            for prior in line.get("prior", []):
                office.say(prior)
                office.wait()
                office.age(prior["ago_ms"])
            before = (office.presence(), office.consultations())
            heard = office.say(line) and is_heard(line["topic"])
            office.wait()
            try:
                check(office, line, verdicts[line["id"]], before, heard)
            except AssertionError as error:
                failures.append(f"{line['id']} {line['topic'][:60]}: {str(error).splitlines()[0]}")
    print(f"{len(lines)} lines, {len(failures)} wrong")
    assert len(lines) > 140
    assert not failures, "\n".join(failures)


def test_a_servers_own_messages_are_never_believed_from_others(folder, serve):
    """Servers of those generations sent these messages; here any client of the broker may be the sender."""
    lines = [line for line in LINES if line["origin"] == "central"]
    assert lines
    with open_broker(folder) as port:
        office = Office(serve("--broker", f"mqtt://127.0.0.1:{port}"), port)
        for line in lines:
            office.begin()
            before = (office.presence(), office.consultations())
            heard = office.say(line) and is_heard(line["topic"])
            office.wait()
            assert len(office.refusals()) == int(heard), line["id"]
            assert (office.presence(), office.consultations()) == before, line["id"]


def test_what_is_retained_at_subscribe_is_a_last_word(verdicts, folder, serve):
    lines = [line for line in LINES if is_at_subscribe(line)]
    assert lines
    for line in lines:
        data = folder / line["id"]
        first = serve("--desks", "127.0.0.1:0", data=data)
        first.running.stop()
        first.database.executescript(RESET)
        with open_broker(folder) as port:
            publisher = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
            publisher.connect("127.0.0.1", port)
            publisher.loop_start()
            publisher.publish(line["topic"], payload(line), qos=1, retain=True).wait_for_publish(20)
            office = Office(serve("--broker", f"mqtt://127.0.0.1:{port}", data=data), port)
            office.spoken_before = 0
            before = office.presence()
            office.wait()
            expected = [] if line["expect"]["accepted"] else [verdicts[line["id"]]["reason"]]
            assert office.refusals() == expected, line["id"]
            assert office.presence() == before, line["id"]
            publisher.loop_stop()


def test_a_retained_report_of_an_unknown_person_makes_no_one_available(folder, serve):
    """Promise 8 and rule 6: the report fills a gap, but the state stays unknown until a live message."""
    data = folder / "data"
    first = serve("--desks", "127.0.0.1:0", data=data)
    first.running.stop()
    first.database.executescript(RESET + "DELETE FROM presence; DELETE FROM unit_link;")
    with open_broker(folder) as port:
        speaker = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        speaker.connect("127.0.0.1", port)
        speaker.loop_start()
        word = {"topic": "consultease/faculty/1/status", "payload": '{"present":true,"timestamp":48211}'}
        speaker.publish(word["topic"], word["payload"], qos=1, retain=True).wait_for_publish(20)
        office = Office(serve("--broker", f"mqtt://127.0.0.1:{port}", data=data), port)
        office.wait()
        state = "SELECT state FROM availability WHERE faculty_id = 1"
        assert office.rows("SELECT state, verified FROM presence") == [{"state": "present", "verified": 0}]
        assert office.rows(state) == [{"state": "unknown"}]
        office.say({"topic": "consultease/faculty/1/status", "payload": '{"present":true,"timestamp":50000}'})
        office.wait()
        assert office.rows(state) == [{"state": "available"}]
        speaker.loop_stop()
