# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""What happens to PostgreSQL under a server: nothing acknowledged is lost, nothing is applied twice, and it says so."""

import json
import random
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from conftest import IS_SOAK, free_port, open_broker, until
from fleet import Fleet
from pgproxy import PostgresProxy
from postgres import Postgres, PsqlError
from screens import Screen, agree, checks, get, is_ready


class Office:
    """One server on PostgreSQL, its units, and two screens."""

    def __init__(self, server, fleet: Fleet) -> None:
        self.server = server
        self.url = server.url
        self.fleet = fleet
        self.screens = [Screen(self.url) for _ in range(2)]

    def until_ready(self, seconds: float = 30) -> None:
        until("the server is ready", lambda: is_ready(self.url), seconds)

    def until_not_ready(self, seconds: float = 15) -> list[str]:
        """The names of the checks that say no."""
        return until(
            "the server says that it is not ready",
            lambda: [name for name, check in checks(self.url).items() if not check["ok"]],
            seconds,
        )

    def finish(self) -> None:
        """The oracle's word, after the fault."""
        self.until_ready()
        self.fleet.settle()
        agree(self.screens, [self.url])
        assert self.server.running.process.poll() is None
        print(self.fleet.say())

    def close(self) -> None:
        for screen in self.screens:
            screen.stop()
        self.fleet.close()


@contextmanager
def an_office(instance, database, folder, proxy: PostgresProxy | None = None):
    with open_broker(folder) as port:
        server = instance("a", database, port, proxy.port if proxy else None)
        server.wait_until_ready()
        office = Office(server, Fleet(database, port))
        try:
            yield office
        finally:
            office.close()


@pytest.fixture
def office(instance, database, folder):
    with an_office(instance, database, folder) as made:
        yield made


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_postgresql_restarted_under_load_loses_nothing(cluster, office, how):
    for _ in range(5 if IS_SOAK else 1):
        with office.fleet.under_load():
            office.fleet.until_stored(500)
            acknowledged = office.fleet.acknowledged()
            cluster.stop(how)
            until("the database is said to be gone", lambda: not checks(office.url)["database"]["ok"], 15)
            # The process lives, and shows what it knew.
            assert get(f"{office.url}/health/live")[0] == 200
            assert get(f"{office.url}/api/v1/faculty")[0] == 200
            stored = office.fleet.stored
            time.sleep(0.5)
            assert office.fleet.stored == stored, "something was acknowledged without a database"
            cluster.start()
            office.fleet.require(acknowledged)
            office.until_ready()
            office.fleet.until_stored(500)
    office.finish()
    assert len({screen.connects for screen in office.screens} | {1}) == 1, "a screen lost its stream"


def test_all_backends_terminated_again_and_again_lose_nothing(office, database):
    with office.fleet.under_load():
        for _ in range(50 if IS_SOAK else 6):
            office.fleet.until_stored(200)
            acknowledged = office.fleet.acknowledged()
            assert database.terminate_backends() > 0
            office.fleet.require(acknowledged)
        office.fleet.until_stored(200)
    office.finish()


def test_a_connection_cut_exactly_at_commit_neither_loses_nor_repeats(instance, database, cluster, folder, dice):
    proxy = PostgresProxy(cluster.port, marker="unit_boot")
    cuts = ["before", "during", "after"] * (20 if IS_SOAK else 3)
    dice.shuffle(cuts)
    try:
        with an_office(instance, database, folder, proxy) as office:
            with office.fleet.under_load():
                for done, where in enumerate(cuts, 1):
                    office.fleet.until_stored(150)
                    acknowledged = office.fleet.acknowledged()
                    proxy.cut(where)
                    until(f"a COMMIT is cut {where}", lambda done=done: len(proxy.cuts) == done)
                    office.fleet.require(acknowledged)
                office.fleet.until_stored(150)
            assert proxy.cuts == cuts
            office.finish()
    finally:
        proxy.close()


def test_a_fleet_with_faults_ends_as_the_oracle_says_while_backends_are_terminated(
    binary, instance, database, folder, dice
):
    """`load`, which has an oracle of its own: duplicates, replays, reboots, cuts, and answers to requests."""
    with open_broker(folder) as port:
        server = instance("a", database, port)
        server.wait_until_ready()
        # Dialect 2 alone: of QoS 0, which old units use, what is under way may be lost with a connection.
        # An open broker asks for no credentials; where they would be kept there has to be a folder.
        (server.data / "broker").mkdir(exist_ok=True)
        place = ["--prepare", str(server.data), "--database", database.url(), "--http", server.url]
        messages = 100_000 if IS_SOAK else 8000
        size = ["--units", "30", "--messages", str(messages), "--rate", "2000", "--dialect2", "1"]
        seed = ["--seed", str(dice.randrange(2**32))]
        load = subprocess.Popen(
            [binary, "load", *place, "--broker", f"mqtt://127.0.0.1:{port}", *size, *seed, "--json"],
            stdout=subprocess.PIPE,
        )
        terminated = 0
        until("the fleet speaks", lambda: database.value("SELECT count(*) FROM unit_boot") != "0")
        while load.poll() is None:
            time.sleep(0.7)
            terminated += database.terminate_backends()
        report = json.loads(load.stdout.read())
        print(f"{terminated} connections ended;", report)
        assert load.returncode == 0, report
        assert terminated > 10


@pytest.mark.parametrize("lock", ["revision", "row"])
def test_messages_wait_for_a_lock_that_psql_holds(office, database, lock):
    seconds = 30 if IS_SOAK else 7
    outsider = database.session()
    with office.fleet.under_load():
        office.fleet.until_stored(300)
        outsider.execute("BEGIN")
        if lock == "revision":
            outsider.execute("SELECT n FROM revision FOR UPDATE")
        else:
            outsider.execute("SELECT seen FROM unit_boot WHERE unit_id = 'desk-3' FOR UPDATE")
        held = time.monotonic()
        print("not ready:", office.until_not_ready(seconds), f"after {time.monotonic() - held:.1f} s")
        stored = office.fleet.stored
        time.sleep(max(0, held + seconds - time.monotonic()))
        assert office.fleet.stored == stored
        assert get(f"{office.url}/api/v1/faculty")[0] == 200
        outsider.execute("ROLLBACK")
        released = time.monotonic()
        office.until_ready()
        office.fleet.until_stored(300)
        print(f"recovered {time.monotonic() - released:.1f} s after the lock was released")
    office.finish()


def test_a_database_host_that_stands_still_is_said_and_survived(office, cluster):
    """Every process of PostgreSQL stopped, its connections open: nothing answers and nothing is refused."""
    with office.fleet.under_load():
        office.fleet.until_stored(300)
        stopped = processes_of(cluster)
        for pid in stopped:
            signal_to(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            until("it is not ready", lambda: not is_ready(office.url), 30)
            said = time.monotonic() - began
            print(f"not ready after {said:.1f} s")
            time.sleep(20 if IS_SOAK else 4)
            assert get(f"{office.url}/api/v1/faculty")[0] == 200
        finally:
            for pid in stopped:
                signal_to(pid, signal.SIGCONT)
        office.until_ready()
        office.fleet.until_stored(300)
    office.finish()
    assert said < 5, "a monitor waited too long for an answer"


def processes_of(cluster) -> list[int]:
    """The postmaster first, so that it starts no more."""
    parent = cluster.process.pid
    children = subprocess.run(["pgrep", "-P", str(parent)], stdout=subprocess.PIPE, text=True).stdout.split()
    return [parent, *map(int, children)]


def signal_to(pid: int, number: signal.Signals) -> None:
    subprocess.run(["kill", f"-{number.value}", str(pid)], stderr=subprocess.DEVNULL)


@contextmanager
def small_disk(size: str):
    """A file system of its own that can be filled."""
    path = Path(tempfile.mkdtemp(prefix="ce-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], capture_output=True)
    if mounted.returncode != 0:
        path.rmdir()
        pytest.skip("no file system can be mounted here, so none can be full")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)
        path.rmdir()


def fill(disk: Path) -> Path:
    """Leaves nothing."""
    path = disk / "ballast"
    with path.open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(65536))
    return path


def survive_a_full_disk(office: Office, disk: Path) -> None:
    """The caller has the database on `disk`; each commit makes the audit longer, so it soon needs more of it."""
    office.fleet.database.psql("ALTER TABLE audit_event ALTER padding SET DEFAULT repeat(random()::text, 100)")
    with office.fleet.under_load():
        office.fleet.until_stored(300)
        acknowledged = office.fleet.acknowledged()
        ballast = fill(disk)
        print("not ready:", office.until_not_ready(60))
        acknowledged_late = office.fleet.acknowledged()
        time.sleep(2)
        ballast.unlink()
        if office.fleet.database.cluster.process.poll() is not None:
            # PostgreSQL itself gives up where its log can't be written; an operator starts it again.
            print("PostgreSQL had ended")
            office.fleet.database.cluster.start()
        office.until_ready(60)
        office.fleet.require(acknowledged)
        office.fleet.require(acknowledged_late)
        office.fleet.until_stored(300)
    office.finish()


def test_tables_that_cannot_grow_stop_acknowledgements_and_nothing_else(cluster, instance, folder):
    with small_disk("48m") as disk:
        shutil.chown(disk, "postgres", "postgres")
        cluster.psql(f"CREATE TABLESPACE small LOCATION '{disk}'")
        database = cluster.new_database(tablespace="small")
        try:
            with an_office(instance, database, folder) as office:
                survive_a_full_disk(office, disk)
                office.server.running.stop()
        finally:
            database.drop()
            cluster.psql("DROP TABLESPACE small")


def test_a_full_disk_under_all_of_postgresql_is_survived(instance, folder):
    """Its log can't be written, so it ends or starts anew until there is space."""
    with small_disk("160m") as disk:
        inner = disk / "cluster"
        inner.mkdir()
        small = Postgres(inner, free_port(), max_wal_size="48MB", min_wal_size="32MB")
        small.make()
        database = small.new_database()
        try:
            with an_office(instance, database, folder) as office:
                survive_a_full_disk(office, disk)
                office.server.running.stop()
        finally:
            database.drop()
            small.stop()


def edits(dice: random.Random, transactions: int) -> str:
    """Transactions of an administrator, each of several people in any order, whole or not at all."""
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
        # Six units, and commands by two dozen people, a few at a time.
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
    """Rows that batches write too, from the last to the first, while batches go from the first to the last."""
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


def test_a_deadlock_by_an_outsider_who_locks_first_is_nobody_elses_trouble(office, database):
    """SELECT … FOR UPDATE fires no trigger, so that outsider can make a circle: the server's batch must survive it."""
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
