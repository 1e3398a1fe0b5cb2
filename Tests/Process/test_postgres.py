# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Faults of PostgreSQL under a server: nothing acknowledged is lost, nothing is applied twice, and the server reports
it."""

import json
import signal
import subprocess
import time

import pytest
from conftest import IS_SOAK, open_broker, until
from pgproxy import PostgresProxy
from postgres import PROGRAMS, ROLE
from postgres_office import an_office
from screens import agree, checks, get, is_ready


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_postgresql_restarted_under_load_loses_nothing(cluster, office, how):
    for _ in range(5 if IS_SOAK else 1):
        with office.fleet.under_load():
            office.fleet.until_stored(500)
            acknowledged = office.fleet.acknowledged()
            cluster.stop(how)
            until("the database is said to be gone", lambda: not checks(office.url)["database"]["ok"], 15)
            # The process lives, and shows its last known state.
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
    """`load` has an oracle of its own: duplicates, replays, reboots, cuts, and answers to requests."""
    with open_broker(folder) as port:
        server = instance("a", database, port)
        server.wait_until_ready()
        # The fleet speaks dialect 2 only: old units use QoS 0, where a message may be lost with a connection. An open
        # broker asks for no credentials, but their folder must exist.
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


def test_messages_wait_while_psql_blocks_all_writers(office, database):
    seconds = 30 if IS_SOAK else 7
    outsider = database.session()
    with office.fleet.under_load():
        office.fleet.until_stored(300)
        outsider.execute("BEGIN")
        outsider.execute("SELECT n FROM revision FOR UPDATE")
        held = time.monotonic()
        print("not ready:", office.until_not_ready(), f"after {time.monotonic() - held:.1f} s")
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


def test_one_row_that_psql_has_locked_delays_no_other_person(office, database):
    """The broker still gets its acknowledgements in order, so at full load the others continue for a while, not for
    ever."""
    outsider = database.session()
    with office.fleet.under_load():
        office.fleet.until_stored(300)
        outsider.execute("BEGIN")
        outsider.execute("SELECT seen FROM unit_boot WHERE unit_id = 'desk-3' FOR UPDATE")
        # By then, earlier commits have been reported.
        time.sleep(0.5)
        waiting = office.fleet.units[2]
        before = {unit.name: len(unit.stored) for unit in office.fleet.units}
        others = [unit for unit in office.fleet.units if unit is not waiting]
        until("the others are heard", lambda: all(len(unit.stored) > before[unit.name] for unit in others), 20)
        assert len(waiting.stored) == before[waiting.name]
        outsider.execute("ROLLBACK")
        office.until_ready()
        office.fleet.until_stored(300)
    office.finish()
    assert database.value("SELECT count(*) FROM refusal") == "0"


def test_a_database_host_that_stands_still_is_said_and_survived(office, cluster):
    """Every process of PostgreSQL is stopped with open connections: nothing answers, and nothing is refused."""
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
    assert said < (5 if IS_SOAK else 30), "a monitor waited too long for an answer"


def test_a_privilege_that_was_taken_away_refuses_nothing(office, cluster, database):
    """No message causes the error: all wait at the broker until the privilege is given back."""
    with office.fleet.under_load():
        office.fleet.until_stored(300)
        cluster.psql(f"REVOKE INSERT, UPDATE ON unit_boot FROM {ROLE}", database.name)
        print("not ready:", office.until_not_ready())
        # By then, earlier commits have been reported.
        time.sleep(0.5)
        acknowledged = office.fleet.acknowledged()
        time.sleep(1)
        assert office.fleet.acknowledged() == acknowledged, "something was acknowledged that could not be stored"
        cluster.psql(f"GRANT INSERT, UPDATE ON unit_boot TO {ROLE}", database.name)
        office.until_ready()
        office.fleet.until_stored(300)
    office.finish()
    assert database.value("SELECT count(*) FROM refusal") == "0"


def test_a_dump_restored_beside_a_running_server_starts_every_screen_afresh(office, cluster, database, folder):
    """A dump restored in its own cluster brings its lineage along, and assigns revisions a second time."""
    tool = ["-h", str(cluster.folder), "-p", str(cluster.port), "-U", "postgres"]
    dump = folder / "dump"
    subprocess.run([PROGRAMS / "pg_dump", "-Fc", *tool, "-f", dump, database.name], check=True)

    def people() -> set[str]:
        return {card["name"] for card in get(f"{office.url}/api/v1/faculty")[2]["faculty"]}

    def lineage() -> str:
        return get(f"{office.url}/api/v1/faculty")[2]["revision"].rsplit("-", 1)[0]

    before = lineage()
    database.psql("INSERT INTO faculty (id, name, surname, department) VALUES (90, 'Dr. After Dump', 'Dump', 'Law')")
    until("everybody sees who came after the dump", lambda: "Dr. After Dump" in people())
    subprocess.run([PROGRAMS / "pg_restore", "--clean", *tool, "-d", database.name, dump], check=True)
    until("the dump is shown", lambda: "Dr. After Dump" not in people())
    assert lineage() != before
    # Later commits reach the screens that were there before.
    database.psql("INSERT INTO faculty (id, name, surname, department) VALUES (91, 'Dr. Other Past', 'Past', 'Law')")
    until("what came after it is shown", lambda: "Dr. Other Past" in people())
    office.until_ready()
    agree(office.screens, [office.url])


def processes_of(cluster) -> list[int]:
    """Returns the postmaster first, so that it starts no more processes."""
    parent = cluster.process.pid
    children = subprocess.run(["pgrep", "-P", str(parent)], stdout=subprocess.PIPE, text=True).stdout.split()
    return [parent, *map(int, children)]


def signal_to(pid: int, number: signal.Signals) -> None:
    subprocess.run(["kill", f"-{number.value}", str(pid)], stderr=subprocess.DEVNULL)
