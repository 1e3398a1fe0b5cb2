# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Other programs hold the database: screens stay live, and the holder is named, reported, and ended."""

import itertools
import json
import os
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Server, on
from harness import eventually
from postgres import Postgres

needs_postgres = pytest.mark.skipif(not Postgres.is_installed(), reason="postgresql-15 is not installed")


class Beats(threading.Thread):
    """Follows an open stream, and records when it beat."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.stream = urllib.request.urlopen(f"{url}/api/v1/events", timeout=60)
        self.moments: list[float] = []

    def run(self) -> None:
        try:
            for line in self.stream:
                if line.startswith(b"event: beat"):
                    self.moments.append(time.monotonic())
        except (OSError, ValueError, AttributeError):
            pass

    def longest_silence(self, since: float) -> float:
        moments = [since, *(moment for moment in self.moments if moment >= since), time.monotonic()]
        return max(later - earlier for earlier, later in itertools.pairwise(moments))


def readiness(server) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{server.url}/health/ready", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_lock_of_twelve_seconds_leaves_every_screen_live(office, server):
    office.add()
    beats = Beats(server.url)
    beats.start()
    eventually(lambda: beats.moments, what="a beat")
    with closing(sqlite3.connect(office.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        # Each of these makes the server write, so it waits for the lock.
        while time.monotonic() < began + 12:
            readiness(server)
        other.execute("ROLLBACK")
    assert beats.longest_silence(began) < 4
    assert "Error invalidating caches" not in server.log.read_text()
    eventually(lambda: readiness(server)[0] == 200, what="the server is ready again")


def test_a_reader_that_was_forgotten_is_named_and_its_log_is_cut_off(office, server):
    log = Path(f"{office.database}-wal")
    with closing(sqlite3.connect(office.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM faculty").fetchone()
        with closing(sqlite3.connect(office.database, isolation_level=None)) as writer:
            writer.execute("CREATE TABLE ballast (content BLOB)")
            for _ in range(70):
                writer.execute("INSERT INTO ballast VALUES (zeroblob(1000000))")
        assert log.stat().st_size > 64 << 20
        eventually(lambda: "write-ahead log grows" in server.log.read_text(), what="the log says so")
        assert f"{os.getpid()} (" in server.log.read_text()
        checks = {check["name"]: check for check in office.json("doctor", *server.flags, expect=1)["checks"]}
        assert checks["journal"]["status"] == "failed" and f"{os.getpid()} (" in checks["journal"]["detail"]
    eventually(lambda: log.stat().st_size < 1 << 20, what="the log is cut off")
    eventually(lambda: "cut off again" in server.log.read_text(), what="the log says so")


@needs_postgres
def test_a_forgotten_transaction_is_named_and_ended(empty, cluster, monkeypatch):
    database = cluster.new_database()
    try:
        for name, value in on(database).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CONSULTEASE_DATABASE_BLOCK_LIMIT", "9")
        server = Server(empty)
        try:
            empty.run("faculty", "add", "--name", "Dr. Ana Reyes", "--department", "Physics", **on(database))
            shell = database.session()
            pid = shell.execute("SELECT pg_backend_pid()")[0][0]
            shell.execute("BEGIN; UPDATE faculty SET room = '7' WHERE id = 1")
            words = f"process {pid} of user consultease, since 2"
            status, text = eventually(
                lambda: (found := readiness(server)) and words in found[1] and found, 30, "readiness names the session"
            )
            assert status == 503 and json.loads(text)
            eventually(lambda: readiness(server)[0] == 200, 60, "the session is ended")
            text = server.log.read_text()
            assert (
                "keeps this server from writing" in text
                and "application=psql" in text
                and "Ended a database session" in text
            )
            assert database.value("SELECT count(*) FROM faculty WHERE room = '7'") == "0"
        finally:
            server.stop()
    finally:
        database.drop()


@needs_postgres
def test_a_block_limit_that_is_no_number_is_a_usage_error(empty):
    refused = empty.run("serve", expect=64, CONSULTEASE_DATABASE_BLOCK_LIMIT="soon")
    assert "database.block.limit" in refused.err and "off" in refused.err
