# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Runs `consultease serve` with people on its board, and changes their status."""

import csv
import json
import sqlite3
import time
from pathlib import Path
from urllib.request import urlopen

import paho.mqtt.client as mqtt
from harness import Server, eventually, free_port


class Office(Server):
    """One server with its own data folder, and an old desk unit for every person that needs one."""

    def __init__(self, binary: Path, folder: Path, people: list[dict[str, str]]) -> None:
        self.uptime = 0
        open_desks = free_port()
        flags = ["--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}"]
        super().__init__(binary, folder / "data", *flags, "--open-desks", f"127.0.0.1:{open_desks}")
        if people:
            self.add(folder / "people.csv", people)
        self.desk = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="desks")
        eventually(lambda: self._connects(open_desks))
        self.desk.loop_start()
        # Messages that desks send before the server has its session reach no server.
        self.wait_until_ready()

    def _connects(self, port: int) -> bool:
        """Returns whether the broker accepts a connection; it may need a moment longer than the pages."""
        try:
            return self.desk.connect("127.0.0.1", port) == mqtt.MQTT_ERR_SUCCESS
        except ConnectionRefusedError:
            return False

    def stop(self) -> None:
        self.desk.disconnect()
        self.desk.loop_stop()
        super().stop()

    def add(self, file: Path, people: list[dict[str, str]]) -> None:
        with file.open("w", newline="") as table:
            writer = csv.DictWriter(table, list(people[0]))
            writer.writeheader()
            writer.writerows(people)
        self.command("import", "faculty", file)
        eventually(lambda: len(self.faculty()) == len(people))

    def faculty(self) -> list[dict]:
        return self.list()["faculty"]

    def list(self) -> dict:
        """Returns the board as programs read it, with its revision."""
        with urlopen(f"{self.url}/api/v1/faculty") as answer:
            return json.load(answer)

    def card(self, person: int) -> dict:
        with urlopen(f"{self.url}/api/v1/faculty/{person}") as answer:
            return json.load(answer)

    def lose_data(self) -> None:
        """Makes the server unable to read its tables from now on."""
        self._rename("lineage", "lost")

    def find_data(self) -> None:
        self._rename("lost", "lineage")

    def _rename(self, key: str, name: str) -> None:
        with sqlite3.connect(self.data / "consultease.sqlite", timeout=5) as database:
            database.execute("UPDATE meta SET key = ? WHERE key = ?", (name, key))

    def sense(self, person: int, present: bool) -> None:
        """Makes the person's desk unit report presence."""
        self.uptime += 1000
        report = {"present": present, "status": "AVAILABLE" if present else "AWAY", "timestamp": self.uptime}
        self.desk.publish(f"consultease/faculty/{person}/status", json.dumps(report), 1).wait_for_publish(5)

    def say(self, person: int, word: str, *until: str) -> None:
        """Sets the person's override."""
        self.command("faculty", "override", person, word, *until)

    def consult(self, person: int, waiting: int = 0) -> None:
        """Writes a consultation in progress, and waiting ones, directly into the database."""
        now = int(time.time() * 1000)
        row = "INSERT INTO consultation (faculty_id, student_id, status, topic, message, created_at, started_at)"
        with sqlite3.connect(self.data / "consultease.sqlite", timeout=5) as database:
            database.execute(
                "INSERT OR IGNORE INTO student (id, number, name, department) VALUES (1, '1', 'Ana Lim', 'Physics')"
            )
            database.execute(f"{row} VALUES (?, 1, 'in-progress', 'thesis', '', ?, ?)", (person, now, now))
            for _ in range(waiting):
                database.execute(f"{row} VALUES (?, 1, 'pending', 'thesis', '', ?, NULL)", (person, now))
        database.close()

    def settle(self, **states: str) -> None:
        """Waits until the board shows these states: `settle(p3="away")`."""
        for name, state in states.items():
            eventually(lambda name=name, state=state: self.card(int(name[1:]))["availability"] == state)


SURNAMES = (Path(__file__).parent / "surnames.txt").read_text().split()
TITLES = ("Prof.", "Dr.", "Engr.")
GIVEN = ["Ana", "Ben", "Carla", "Dino", "Elena", "Felix", "Grace", "Hector", "Ines", "Joel"]


def people(count: int) -> list[dict[str, str]]:
    """Returns this many invented people, the same each time."""
    return [
        person(
            number + 1,
            f"{TITLES[number % 3]} {GIVEN[number // 3 % 10]}",
            SURNAMES[number % len(SURNAMES)],
            room=str(101 + number),
            department=("Engineering", "College of Science")[number % 2],
            subjects=("Thesis", "Calculus", "")[number % 3],
        )
        for number in range(count)
    ]


def person(
    number: int, given: str, surname: str, *, room: str = "101", department: str = "Engineering", subjects: str = ""
) -> dict[str, str]:
    return {
        "id": str(number),
        "name": f"{given} {surname}",
        "surname": surname,
        "department": department,
        "room": room,
        "directions": "Second floor, right from the stairs, third door",
        "subjects": subjects,
    }


# These names are hard to fit: long in one line, in the other, in both; with markup; with a letter beyond ASCII.
AWKWARD = [
    person(1, "Prof. Maria Lourdes Antonette", "Villanueva-Macaraeg", room="Annex 2-212B"),
    person(2, "Dr. Rafael", "De los Reyes-Santiago"),
    person(3, "Dr. Teresa Immaculada Concepcion", "Bautista"),
    person(4, "Engr. Joel", "Pangilinan"),
    person(5, "Dr. Imelda", "O'Neil <b>"),
    person(6, "Dr. Paolo Bartolome", "Maximiliano-Evangelista y Buenaventura"),
    person(7, "Prof. Begoña", "Ñíguez"),
    person(8, "Dr. Ana", "Cruz"),
    person(9, "Dr. Ben", "Cruz"),
]


def every_state(office: Office) -> None:
    """Puts persons 1 to 6 into the six states, in the design's order."""
    office.sense(1, True)
    office.say(2, "busy", "--for", "30m")
    office.sense(3, True)
    office.consult(3, waiting=2)
    office.sense(4, False)
    office.say(5, "out", "--for", "5d")
    office.settle(p1="available", p2="busy", p3="in-consultation", p4="away", p5="out", p6="unknown")
