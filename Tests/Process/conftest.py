# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Runs the server beside other processes: a broker, a database, and kills."""

import json
import os
import random
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import free_port
from postgres import PASSWORD, Database, Postgres

# These are the full lengths, which find rare faults; `make test` runs the same tests, but shorter.
IS_SOAK = os.environ.get("CONSULTEASE_SOAK") == "1"


def until(what: str, condition, seconds: float = 60):
    """Asks until the condition holds and returns its value. The limit is a safety bound, not a measure."""
    deadline = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s for: {what}")
        time.sleep(0.01)


@pytest.fixture(scope="session")
def binary() -> str:
    path = os.environ.get("CONSULTEASE_BIN")
    if not path:
        pytest.fail("set CONSULTEASE_BIN to the binary under test")
    return str(Path(path).resolve())


@pytest.fixture
def folder():
    """Returns a short path: the broker's socket must fit into 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="ce-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


class Process:
    """A command of this program that runs until it is ended."""

    def __init__(self, *arguments: str, log: Path) -> None:
        self.log = log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors)

    def line(self, seconds: float = 60) -> str:
        """Returns the next line of its output."""
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        text = self.process.stdout.readline().decode() if ready else ""
        assert text, f"{self.process.args} said nothing: {self.log.read_text()[-2000:]}"
        return text

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            pytest.fail(f"did not stop within 20 s: {self.process.args}")


class Server:
    """`consultease serve` on a folder."""

    def __init__(self, binary: str, data: Path, *arguments: str) -> None:
        self.data = data
        self.running = Process(
            binary,
            "serve",
            "--data",
            str(data),
            "--listen",
            "127.0.0.1:0",
            "--log-level",
            "warning",
            "--json",
            *arguments,
            log=data.parent / "serve.log",
        )
        self.url = json.loads(self.running.line())["url"]

    def wait_until_ready(self) -> None:
        def is_ready() -> bool:
            try:
                return urllib.request.urlopen(f"{self.url}/health/ready", timeout=30).status == 200
            except OSError:
                return False

        until("the server is ready", is_ready)

    @property
    def database(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.data / "consultease.sqlite", timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection


@pytest.fixture
def serve(binary, folder):
    """Starts servers, and ends those that still run after the test."""
    servers: list[Server] = []

    def start(*arguments: str, data: Path | None = None) -> Server:
        servers.append(Server(binary, data or folder / "data", *arguments))
        return servers[-1]

    yield start
    for server in servers:
        if server.running.process.poll() is None:
            server.running.kill()


@pytest.fixture(scope="session")
def cluster():
    """Starts one PostgreSQL for all tests, with the password that servers and commands use."""
    if not Postgres.is_installed():
        pytest.fail("PostgreSQL 15 is not installed: scripts/bootstrap --tests sees to it")
    path = Path(tempfile.mkdtemp(prefix="ce-pg-"))
    server = Postgres(path, free_port())
    os.environ["CONSULTEASE_DATABASE_PASSWORD"] = PASSWORD
    try:
        server.make()
        yield server
    finally:
        del os.environ["CONSULTEASE_DATABASE_PASSWORD"]
        server.stop(signal.SIGQUIT)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def database(cluster):
    """Makes a database, and drops it after the test."""
    if cluster.process is None:
        # A failed test may have left the cluster stopped.
        cluster.start()
    made = cluster.new_database()
    yield made
    made.drop()


@pytest.fixture
def instance(serve, folder):
    """Starts servers by name on one database and one broker."""

    def start(name: str, database: Database, broker: int, proxy: int | None = None) -> Server:
        (folder / name).mkdir(exist_ok=True)
        address = f"mqtt://127.0.0.1:{broker}"
        return serve(
            *("--database", database.url(proxy), "--broker", address, "--instance", name), data=folder / name / "data"
        )

    return start


@pytest.fixture
def office(instance, database, folder):
    """Returns one server with its units and screens."""
    from postgres_office import an_office  # which takes what it needs from here

    with an_office(instance, database, folder) as made:
        yield made


@pytest.fixture
def dice() -> random.Random:
    """Returns a random generator whose seed is shown after a failure."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    return random.Random(seed)


@contextmanager
def open_broker(folder: Path):
    """Runs a mosquitto that lets every client publish everything, on a free port."""
    port = free_port()
    configuration = folder / "open.conf"
    configuration.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\nqueue_qos0_messages true\n"
        "max_queued_messages 100000\nmax_inflight_messages 512\nlog_dest none\n"
    )
    process = subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        until("the broker listens", lambda: _answers(port))
        yield port
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
