# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A real Prometheus scrapes real servers under traffic, and the test asks every query of the dashboard."""

import itertools
import subprocess
import threading
from contextlib import closing, contextmanager

from cluster import NAMES, Cluster, a_cluster
from conftest import IS_SOAK, free_port, open_broker, until
from monitoring import Prometheus, a_prometheus, answers, catalogue, panels, questions
from pgproxy import PostgresProxy
from screens import Screen, get
from test_telemetry import TOKEN, add_person, publisher, say_present

# These are empty while all is well, each with the reason. Counters begin with their first event.
NEVER_HERE = {
    "What was lost on the way B": "messages of QoS 0 are lost only where a leader ends that has some",
    "What was lost on the way C": "a unit would have to be deaf for long",
    "What was lost on the way U": "the database must refuse the rows of refusals",
    "Failures D": "a COMMIT's answer must be lost",
    "Conflicts A": "PostgreSQL must find two transactions in each other's way",
    "Conflicts B": "two must edit one row at once",
    "Slow readers A": "a screen must be slower than the traffic",
    "Slow readers B": "a screen must stand still for long",
    "Slow readers C": "hundreds of revisions must be under way",
    "Telemetry itself C": "the database must fail",
}
WITHOUT_A_POOL = {
    "Wait for a connection, 99 % A": "SQLite has no pool",
    "Connections A": "SQLite has no pool",
    "Failures B": "SQLite has no pool",
    "Failures C": "SQLite has no pool",
}
# A run of these tests may not see these metrics, for the same reasons.
SELDOM = {
    "consultease_database_conflicts_total",
    "consultease_desk_replies_dropped_total",
    "consultease_ingest_displaced_total",
    "consultease_ingest_lost_total",
    "consultease_ingest_retries_total",
    "consultease_ingest_unrecorded_total",
    "consultease_streams_coalesced_total",
    "consultease_streams_stalled_total",
    "consultease_telemetry_observations_failed_total",
    "consultease_telemetry_spans_total",
    "consultease_update_untraced_total",
    "consultease_versions_conflicts_total",
}


@contextmanager
def beside(turn, pause: float):
    """Calls a function again and again in its own thread, with the number of the call."""
    ended = threading.Event()

    def run() -> None:
        for number in itertools.count():
            if ended.wait(pause):
                return
            turn(number)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def readers(*urls: str):
    """Reads each server's board again and again."""
    return beside(lambda _: [get(f"{url}/api/v1/faculty") for url in urls], 0.05)


def talk(client):
    """Sends reports of a unit that changes, and of an unknown one."""
    return beside(lambda number: say_present(client, 1 if number % 4 else 4711, number % 2 == 0), 0.02)


def until_answered(prometheus: Prometheus, may_be_empty: set[str]) -> dict:
    """Returns the answers of all queries after each that must have data has some."""
    found: dict = {}

    def nothing_is_missing() -> bool:
        found.update(answers(prometheus))
        missing = {name for name, samples in found.items() if not samples}
        found["missing"] = missing - may_be_empty
        return not found["missing"]

    try:
        until("every query has data", nothing_is_missing, 90)
    finally:
        print("without data:", found.pop("missing"))
    assert may_be_empty <= set(found), "names of queries that are no more"
    return found


def require_plausible(prometheus: Prometheus, found: dict) -> None:
    """Requires plausible values in each panel's unit; no histogram ends in its last bucket, no rule fails, and no
    metric has many series."""
    for panel in panels():
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit")
        for target in panel.get("targets", []):
            for labels, value in found[f"{panel['title']} {target['refId']}"]:
                assert value >= 0, (panel["title"], labels, value)
                if unit == "percentunit":
                    assert value <= (8 if panel["title"] == "CPU" else 1), (panel["title"], labels, value)
                elif unit == "s":
                    assert value < (600 if panel["title"] == "Newest backup" else 30), (panel["title"], labels, value)
                elif panel["title"] == "Batches":
                    assert 0 < value <= 512, (labels, value)
                elif unit == "bytes":
                    assert 1e6 < value < 1e10, (labels, value)
    for name, samples in found.items():
        assert len(samples) <= 40, f"{name} is a panel of {len(samples)} lines"
    for rule in prometheus.rules():
        assert rule["health"] == "ok", rule
    for labels, count in prometheus.query('count by (instance) ({job="consultease"})'):
        assert count < 800, f"{labels} has {count} series"


def exported(prometheus: Prometheus) -> set[str]:
    """Returns the exported metrics by their names in the catalogue."""
    named = {one["metric"] for one in prometheus.ask("targets/metadata", match_target='{job="consultease"}')}
    assert named, "Prometheus has no metadata"
    return named


def until_well(prometheus: Prometheus) -> None:
    """Waits until all is well: readiness is sampled every ten seconds, so an earlier fault stays visible that long."""
    question = {str(one): one.expression for one in questions()}
    for name in ("Ready A", "Leaders A", "Instances up A", "Units live A"):
        until(f"{name} is 1", lambda name=name: prometheus.value(question[name]) == 1, 90)


def another_leads(trio: Cluster, former: str, proxy: PostgresProxy) -> bool:
    """Returns whether another instance leads; if not, cuts the former leader's connections."""
    if trio.leader() != former:
        return True
    proxy.cut_all()
    return False


def test_every_query_has_data_of_a_server_on_sqlite(binary, serve, folder):
    metrics = f"127.0.0.1:{free_port()}"
    nobody = f"http://127.0.0.1:{free_port()}"
    may_be_empty = set(NEVER_HERE | WITHOUT_A_POOL)
    with open_broker(folder) as port:
        server = serve("--broker", f"mqtt://127.0.0.1:{port}", "--metrics", metrics, "--otlp", nobody)
        server.wait_until_ready()
        add_person(binary, server.data)
        subprocess.run([binary, "backup", "--data", server.data], check=True, stdout=subprocess.DEVNULL, timeout=60)
        screen = Screen(server.url)
        with (
            publisher(port) as client,
            a_prometheus(folder, metrics) as prometheus,
            talk(client),
            readers(server.url),
        ):
            # A session holds the database, and a unit meanwhile sends far more than can be kept.
            with closing(server.database) as database:
                database.execute("BEGIN IMMEDIATE")
                for number in range(6000):
                    client.publish("consultease/faculty/1/status", f'{{"present": {str(number % 2 == 0).lower()}}}')
                for metric in ("consultease_ingest_displaced_total", "consultease_ingest_retries_total"):
                    until(metric, lambda metric=metric: prometheus.value(f"sum({metric})"), 90)
                database.execute("ROLLBACK")
            until_well(prometheus)
            found = until_answered(prometheus, may_be_empty)
            require_plausible(prometheus, found)
            assert {labels["reason"] for labels, _ in found["Refusals by reason A"]} == {"unknown-faculty"}
            assert {labels["outcome"] for labels, _ in found["Messages A"]} >= {"accepted", "refused"}
            assert exported(prometheus) <= catalogue()
        screen.stop()


def test_every_query_has_data_of_three_servers_on_postgresql(instance, database, cluster, folder, monkeypatch):
    monkeypatch.setenv("CONSULTEASE_METRICS_TOKEN", TOKEN)
    proxies = {name: PostgresProxy(cluster.port, marker="unit_boot") for name in NAMES}
    nothing_said = {
        "Newest backup A": "nobody made one",
        "Refusals by reason A": "units of the fleet say nothing wrong",
        "What was lost on the way A": "the database keeps up",
        "Failures A": "the database keeps up",
        "Telemetry itself A": "no collector is named",
        "Memory B": "PostgreSQL has no such file",
    }
    may_be_empty = set(NEVER_HERE | nothing_said) - {"Failures D"}
    try:
        with a_cluster(instance, database, folder, proxies) as trio:
            targets = [url.removeprefix("http://") for url in trio.urls]
            with (
                a_prometheus(folder, *targets, token=TOKEN) as prometheus,
                trio.fleet.under_load(),
                readers(*trio.urls),
            ):
                former = trio.leader()
                place = trio.instances[former].url.removeprefix("http://")
                session = f'consultease_health_ready{{check="broker",instance="{place}"}} == 1'
                if IS_SOAK:
                    # A check that was seen once stays in the answers of an instance that no longer leads.
                    until("the leader's session is seen", lambda: prometheus.query(session), 90)
                proxies[former].cut("after")
                unknown = "sum(consultease_database_unknown_commits_total)"
                until("the commit is looked for", lambda: prometheus.value(unknown), 90)
                # The former leader has no session at the broker any more, and is well.
                until("another leads", lambda: another_leads(trio, former, proxies[former]), 90)
                until("nobody asks it for its session", lambda: not prometheus.query(session), 90)
                until_well(prometheus)
                found = until_answered(prometheus, may_be_empty)
                require_plausible(prometheus, found)
                for name in ("Leader A", "Revision A", "CPU A", "Build, lineage and start A"):
                    assert {labels["instance"] for labels, _ in found[name]} == set(targets), name
                assert {labels["role"] for labels, _ in found["Connections A"]} >= {"reader", "writer", "leader"}
                assert len({labels["lineage"] for labels, _ in found["Build, lineage and start A"]}) == 1
                names = exported(prometheus)
                assert names <= catalogue()
                missing = catalogue() - names - SELDOM
                assert missing == {"consultease_database_wal_size_bytes"}, "all but what SQLite alone has"
    finally:
        for proxy in proxies.values():
            proxy.close()
