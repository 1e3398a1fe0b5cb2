# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Three instances on one PostgreSQL and one broker: one leads, all are coherent, and nothing that happens to the leader
loses a message, applies one twice, or sends a screen back."""

import json
import shutil
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cluster import NAMES, Cluster, a_cluster
from conftest import IS_SOAK, free_port, until
from pgproxy import PostgresProxy
from postgres import PROGRAMS, Postgres
from screens import Screen, at_least, checks, get, is_ready, leads, number

# Another instance leads and has committed within this time. On a machine of its own this is a promise, so a soak
# measures it. Elsewhere the figures are printed, and only a missing take-over fails the test.
TAKE_OVER = 5.0 if IS_SOAK else 60.0


@pytest.fixture
def trio(instance, database, folder):
    with a_cluster(instance, database, folder) as made:
        yield made


def test_the_revision_of_a_write_is_readable_on_every_instance(binary, trio, database):
    """The write is a command or a message: a client that has its revision reads it on any instance."""
    words = {"busy": "busy", "out": "out", "away": "away", "available": "available"}
    with trio.fleet.under_load(), ThreadPoolExecutor(len(NAMES)) as readers:
        trio.fleet.until_stored(100)
        turns, late = 40 if IS_SOAK else 8, 0
        for turn in range(turns):
            word = list(words)[turn % len(words)]
            told = command(binary, trio, database, "faculty", "override", "6", word, "--json")
            tag = told["revision"]
            places = [f"{url}/api/v1/faculty/6" for url in trio.urls]
            late += sum(
                answer[0] == 503 for answer in readers.map(lambda at, tag=tag: get(f"{at}?at-least={tag}"), places)
            )
            for status, headers, card in readers.map(lambda at, tag=tag: at_least(at, tag), places):
                assert status == 200, (status, tag, card)
                assert number(headers["ConsultEase-Revision"]) >= number(tag)
                assert card["availability"] == words[word], (word, card)
        # On a busy machine an instance may be late now and then; without notifications, every instance is always late.
        assert late <= turns, f"{late} of {turns * len(NAMES)} reads were not answered in time"
    assert {get(f"{url}/health/live")[1]["ConsultEase-Instance"] for url in trio.urls} == set(NAMES)
    trio.finish()


def test_a_revision_that_is_not_there_yet_is_waited_for_and_never_invented(trio):
    lineage, now = get(f"{trio.urls[0]}/api/v1/faculty")[2]["revision"].rsplit("-", 1)
    for url in trio.urls:
        started = time.monotonic()
        status, headers, _ = get(f"{url}/api/v1/faculty?at-least={lineage}-{int(now) + 1000}")
        assert status == 503
        assert "Retry-After" in headers
        assert time.monotonic() - started > 1.5
        assert get(f"{url}/api/v1/faculty?at-least=aaaaaaaaaaaa-1")[0] == 409


def test_the_leader_killed_under_load_is_followed_and_nothing_is_lost(trio, dice):
    spans, under_way = [], []
    with trio.fleet.under_load():
        for attempt in range(20 if IS_SOAK else 4):
            trio.fleet.until_stored(dice.randrange(200, 600))
            leader, writer = trio.leader(), trio.writer()
            # Every second kill finds the leader waiting for a writer beside it; the others find it in any state.
            outsider = trio.fleet.database.session()
            if attempt % 2:
                outsider.execute("BEGIN")
                outsider.execute("SELECT n FROM revision FOR UPDATE")
                until("some are with the broker alone", lambda: trio.fleet.only_with_broker(trio.fleet.with_broker()))
            acknowledged, taken = trio.fleet.acknowledged(), trio.fleet.with_broker()
            killed = time.time()
            trio.kill(leader)
            outsider.close()
            under_way.append(trio.fleet.only_with_broker(taken))
            trio.fleet.require(acknowledged)
            until("another leads", lambda: any(leads(url) for url in trio.urls), 60)
            led = time.time() - killed
            committed = trio.first_commit(killed, writer)
            spans.append((led, committed))
            trio.fleet.require(acknowledged)
            trio.join(leader)
            assert leader != trio.leader()
    trio.finish()
    for (led, committed), unacknowledged in zip(spans, under_way, strict=True):
        print(
            f"{unacknowledged} unacknowledged at the kill, {led:.2f} s until another led, {committed:.2f} s until"
            " it had committed"
        )
    assert any(under_way), "no kill found something unacknowledged"
    assert any(screen.connects > 1 for screen in trio.screens), "no screen had to go on to another instance"
    assert max(committed for _, committed in spans) < TAKE_OVER
    assert max(led for led, _ in spans) < TAKE_OVER


def test_a_leader_that_was_paused_and_wakes_does_no_harm(trio):
    """The pause is longer than the take-over: the leader then believes that it leads, until the database denies it."""
    with trio.fleet.under_load():
        for _ in range(5 if IS_SOAK else 2):
            trio.fleet.until_stored(300)
            leader, writer = trio.leader(), trio.writer()
            paused = trio.instances[leader]
            acknowledged = trio.fleet.acknowledged()
            stopped = time.time()
            paused.running.process.send_signal(signal.SIGSTOP)
            try:
                others = [server.url for name, server in trio.instances.items() if name != leader]
                until("another leads", lambda o=others: any(map(leads, o)), 60)
                committed = trio.first_commit(stopped, writer)
                print(f"{committed:.2f} s until another had committed")
                time.sleep(max(0.0, stopped + 6 - time.time()))
                trio.fleet.until_stored(200)
            finally:
                paused.running.process.send_signal(signal.SIGCONT)
            until("who was paused stands by", lambda u=paused.url: not leads(u) and is_ready(u), 60)
            assert trio.leader() != leader
            trio.fleet.require(acknowledged)
            trio.fleet.until_stored(300)
            assert committed < TAKE_OVER
    trio.finish()


@pytest.mark.parametrize("where", ["between", "inside"])
def test_a_leader_cut_off_from_its_database_is_followed_and_comes_back(instance, database, cluster, folder, where):
    """The network is silent, so the leader gets no error, and loses the lock without its doing. Inside a request
    PostgreSQL waits for the rest of it, and no time-out ends that."""
    proxies = {name: PostgresProxy(cluster.port, marker="unit_boot") for name in NAMES}
    try:
        with a_cluster(instance, database, folder, proxies) as trio:
            with trio.fleet.under_load():
                trio.fleet.until_stored(300)
                leader, writer = trio.leader(), trio.writer()
                acknowledged = trio.fleet.acknowledged()
                url = trio.instances[leader].url
                cut = time.time()
                proxies[leader].fails = where
                until("the network has failed", lambda: not proxies[leader].flows.is_set())
                committed = trio.first_commit(cut, writer, 60)
                print(f"{committed:.2f} s until another had committed")
                until("who is cut off says so", lambda: not is_ready(url), 60)
                trio.fleet.until_stored(300)
                proxies[leader].flows.set()
                until("who was cut off stands by", lambda: not leads(url) and is_ready(url), 60)
                trio.fleet.require(acknowledged)
                trio.fleet.until_stored(300)
            trio.finish()
            assert committed < TAKE_OVER
    finally:
        for proxy in proxies.values():
            proxy.close()


@pytest.mark.parametrize("where", ["between", "inside"])
def test_one_that_stands_by_cut_off_in_a_write_does_not_hold_up_the_leader(instance, database, cluster, folder, where):
    """A standby's readiness writes, so it may hold the row that all writers take first."""
    proxies = {name: PostgresProxy(cluster.port, marker="committed_at =") for name in NAMES}
    try:
        with a_cluster(instance, database, folder, proxies) as trio:
            leader = trio.leader()
            beside = next(name for name in NAMES if name != leader)
            url = trio.instances[beside].url
            with trio.fleet.under_load(), ThreadPoolExecutor(1) as asker:
                trio.fleet.until_stored(300)
                proxies[beside].fails = where
                asked = []
                while proxies[beside].flows.is_set():
                    asked.append(asker.submit(is_ready, url))
                    time.sleep(0.1)
                cut = time.monotonic()
                trio.fleet.until_stored(500, 40)
                print(f"{time.monotonic() - cut:.2f} s until the leader had committed more")
                held_up = time.monotonic() - cut
                proxies[beside].flows.set()
            trio.finish()
            # The leader ends that session after 3 s, or PostgreSQL after 10 s; then 500 events take their time.
            assert held_up < 30
    finally:
        for proxy in proxies.values():
            proxy.close()


def test_a_standby_is_ready(trio):
    leader = trio.leader()
    for name, server in trio.instances.items():
        found = checks(server.url)
        assert found["leader"] == {
            "name": "leader",
            "ok": True,
            "since": None,
            "detail": "leading" if name == leader else "standing by",
        }
        assert is_ready(server.url)


def test_leaders_that_are_stopped_in_turn_hand_over(trio):
    """In a rolling upgrade each instance gives up leadership as it ends."""
    with trio.fleet.under_load():
        for _ in range(10 if IS_SOAK else 3):
            trio.fleet.until_stored(300)
            leader, writer = trio.leader(), trio.writer()
            acknowledged = trio.fleet.acknowledged()
            asked = time.time()
            assert trio.instances.pop(leader).running.stop() == 0
            ended = time.time() - asked
            committed = trio.first_commit(asked, writer)
            print(f"ended in {ended:.2f} s, another had committed after {committed:.2f} s")
            trio.fleet.require(acknowledged)
            trio.join(leader)
            assert committed < TAKE_OVER
    trio.finish()


def test_a_database_restarted_under_all_instances_has_one_leader_again(trio, cluster):
    with trio.fleet.under_load():
        for how in [signal.SIGINT, signal.SIGQUIT] * (5 if IS_SOAK else 1):
            trio.fleet.until_stored(300)
            acknowledged = trio.fleet.acknowledged()
            cluster.restart(how)
            trio.fleet.require(acknowledged)
            trio.fleet.until_stored(300)
            trio.leader()
    trio.finish()
    assert {screen.connects for screen in trio.screens} == {1}, "a screen lost its stream"


def test_an_instance_that_is_behind_never_sends_a_screen_back(instance, database, cluster, folder):
    """The screen comes from another instance, with a revision that this one has not seen yet."""
    proxies = {name: PostgresProxy(cluster.port, marker="unit_boot") for name in NAMES}
    try:
        with a_cluster(instance, database, folder, proxies) as trio:
            leader = trio.leader()
            behind = next(name for name in NAMES if name != leader)
            proxies[behind].flows.clear()
            with trio.fleet.under_load():
                trio.fleet.until_stored(200)
            ahead = get(f"{trio.instances[leader].url}/api/v1/faculty")[2]["revision"]
            url = trio.instances[behind].url
            assert number(get(f"{url}/api/v1/faculty")[2]["revision"]) < number(ahead), "it is not behind"
            assert get(f"{url}/api/v1/faculty?at-least={ahead}")[0] == 503
            screen = Screen(url, tag=ahead)
            trio.screens.append(screen)
            time.sleep(3)
            proxies[behind].flows.set()
            trio.finish()
    finally:
        for proxy in proxies.values():
            proxy.close()


def test_a_new_lineage_makes_every_screen_start_afresh_by_itself(trio, database):
    """A restore leaves this state behind under running instances."""
    with trio.fleet.under_load():
        trio.fleet.until_stored(200)
        former = get(f"{trio.urls[0]}/api/v1/faculty")[2]["revision"]
        lineage = "zzzz" + former.rsplit("-", 1)[0][4:]
        for screen in trio.screens:
            screen.kinds.clear()
        database.psql(f"UPDATE meta SET value = '{lineage}' WHERE key = 'lineage'; NOTIFY consultease")
        for screen in trio.screens:
            until("the screen starts afresh", lambda s=screen: s.tag and s.tag.startswith(lineage), 60)
        trio.fleet.until_stored(200)
    for screen in trio.screens:
        begun = screen.kinds.index("reset")
        assert screen.kinds.count("reset") == 1
        assert screen.kinds[begun + 1] == "snapshot"
        assert screen.connects == 1, "a screen had to connect anew"
    for url in trio.urls:
        assert get(f"{url}/api/v1/faculty?at-least={former}")[0] == 409
    trio.finish()


def test_a_promoted_replica_has_a_lineage_of_its_own(instance, folder):
    """The primary is gone, and its replica is promoted and takes over its address: screens start afresh by
    themselves."""
    path = Path(tempfile.mkdtemp(prefix="ce-pg-"))
    primary, replica = (Postgres(folder_in(path, name), free_port()) for name in ("primary", "replica"))
    proxy = PostgresProxy(primary.port, marker="unit_boot")
    try:
        primary.make()
        database = primary.new_database()
        database.url = lambda port=None, original=database.url: original(port or proxy.port)
        with a_cluster(instance, database, folder) as trio:
            with trio.fleet.under_load():
                trio.fleet.until_stored(200)
            trio.fleet.settle()
            copy = [PROGRAMS / "pg_basebackup", "-D", replica.data, "-h", primary.folder, "-p", str(primary.port)]
            made = subprocess.run(
                primary.as_its_user(*map(str, copy), "-U", "postgres", "-R", "-X", "stream", "-c", "fast"),
                capture_output=True,
                text=True,
            )
            assert made.returncode == 0, made.stderr
            replica.start()
            with trio.fleet.under_load():
                trio.fleet.until_stored(200)
            trio.fleet.settle()
            end = primary.psql("SELECT pg_current_wal_lsn()").strip()
            until("the replica has it all", lambda: replayed(replica, end))
            # Commits of the primary during the replica's absence are lost with the primary.
            replica.stop()
            database.psql("\n".join(f"UPDATE faculty SET room = 'lost {i}' WHERE id = 1;" for i in range(50)))
            for screen in trio.screens:
                until("screens have seen it", lambda s=screen: s.cards[1]["room"] == "lost 49")
            former = get(f"{trio.urls[0]}/api/v1/faculty")[2]["revision"].rsplit("-", 1)[0]
            primary.stop(signal.SIGQUIT)
            replica.start()
            replica.psql("SELECT pg_promote()")
            proxy.upstream = replica.port
            proxy.cut_all()
            database.cluster = replica
            for screen in trio.screens:
                until("the screen starts afresh", lambda s=screen: not s.tag.startswith(former), 60)
                assert screen.connects == 1, "a screen had to connect anew"
            with trio.fleet.under_load():
                trio.fleet.until_stored(200)
            trio.finish()
            for screen in trio.screens:
                assert screen.cards[1]["room"] is None
    finally:
        proxy.close()
        primary.stop()
        replica.stop()
        shutil.rmtree(path, ignore_errors=True)


def folder_in(path: Path, name: str) -> Path:
    path.chmod(0o755)
    (path / name).mkdir()
    return path / name


def replayed(replica: Postgres, position: str) -> bool:
    return replica.psql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'").strip() == "t"


def command(binary: str, trio: Cluster, database, *arguments: str) -> dict:
    data = next(iter(trio.instances.values())).data
    done = subprocess.run(
        [binary, *arguments, "--data", str(data), "--database", database.url()], stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)
