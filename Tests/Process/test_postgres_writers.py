# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Many writers on one PostgreSQL: no client sees a deadlock."""

import random
import subprocess
import time

from conftest import IS_SOAK
from postgres import PsqlError


def edits(dice: random.Random, transactions: int) -> str:
    """Runs an administrator's transactions, each over several people in any order, complete or not at all."""
    lines = []
    for _ in range(transactions):
        people = dice.sample(range(1, 7), 3)
        lines.append("BEGIN;")
        for person in people:
            lines.append(
                f"UPDATE faculty SET room = 'R{dice.randrange(1000)}', version = version + 1 WHERE id = {person};"
            )
        lines.append("COMMIT;")
    return "\n".join(lines)


def test_two_hundred_conflicting_writers_meet_no_deadlock(binary, office, database, cluster, dice):
    shells = [
        subprocess.Popen(
            [*cluster.psql_command(database.name), "-v", "ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(170)
    ]
    words = ["busy", "out", "available", "away"]
    with office.fleet.under_load():
        for shell in shells:
            shell.stdin.write(edits(dice, 20 if IS_SOAK else 4))
            shell.stdin.close()
            shell.stdin = None
        # Six units write, and two dozen people run commands, a few at a time.
        failures = []
        for round_of_commands in range(3):
            commands = [
                subprocess.Popen(
                    [
                        *(binary, "faculty", "override", str(dice.randrange(1, 7)), words[(round_of_commands + i) % 4]),
                        *("--data", str(office.server.data), "--database", database.url()),
                    ],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for i in range(8)
            ]
            for command in commands:
                error = command.communicate(timeout=120)[1]
                if command.returncode != 0:
                    failures.append((command.args[1:5], error))
        for shell in shells:
            error = shell.communicate(timeout=120)[1]
            if shell.returncode != 0:
                failures.append(("psql", error))
        office.fleet.until_stored(100)
    assert not failures, failures[:3]
    office.finish()
    counted = int(database.value("SELECT sum(version) FROM faculty WHERE id <= 6"))
    assert counted == 6 + len(shells) * (20 if IS_SOAK else 4) * 3, "an edit was lost"
    assert database.deadlocks() == 0


def test_a_batch_and_edits_in_the_opposite_order_never_meet_in_a_circle(office, database):
    """The edits go from the last row to the first, and the batches from the first to the last."""
    outsider = database.session()
    rounds = 200 if IS_SOAK else 40
    with office.fleet.under_load():
        office.fleet.until_stored(100)
        for _ in range(rounds):
            outsider.execute("BEGIN")
            for number in range(6, 0, -1):
                outsider.execute(f"UPDATE presence SET version = version + 1 WHERE faculty_id = {number}")
                outsider.execute(f"UPDATE unit_link SET gaps = gaps + 1 WHERE unit_id = 'desk-{number}'")
                outsider.execute(f"UPDATE faculty SET version = version + 1 WHERE id = {number}")
            outsider.execute("COMMIT")
        office.fleet.until_stored(100)
    office.finish()
    versions = {row[0] for row in database.rows("SELECT version FROM faculty WHERE id <= 6")}
    assert versions == {str(1 + rounds)}, "an edit of a profile was lost"
    gaps = {row[0] for row in database.rows("SELECT gaps FROM unit_link")}
    assert gaps == {str(rounds)}, "an edit of a row that batches write was lost"
    assert database.deadlocks() == 0


def test_a_deadlock_of_another_program_affects_it_alone(office, database):
    """SELECT … FOR UPDATE fires no trigger, so an outside writer can make a deadlock, which the server's batch must
    survive."""
    outsider = database.session()
    circles = 0
    with office.fleet.under_load():
        for _ in range(20 if IS_SOAK else 4):
            office.fleet.until_stored(100)
            try:
                outsider.execute("BEGIN")
                outsider.execute("SELECT 1 FROM unit_boot WHERE unit_id = 'desk-2' FOR UPDATE")
                time.sleep(0.3)
                outsider.execute("UPDATE faculty SET version = version + 1 WHERE id = 2")
                outsider.execute("COMMIT")
            except PsqlError as error:
                assert "deadlock" in str(error)
                outsider.execute("ROLLBACK")
                circles += 1
        office.fleet.until_stored(100)
    print(f"{circles} of the circles were solved at the outsider's cost")
    assert database.deadlocks() > 0, "no circle was made"
    office.finish()
