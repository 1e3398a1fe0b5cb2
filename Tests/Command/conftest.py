# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The binary as an operator meets it: CONSULTEASE_BIN names it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest


def free_port() -> int:
    """A TCP port of the loopback interface on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def binary() -> str:
    path = os.environ.get("CONSULTEASE_BIN")
    if not path:
        pytest.fail("set CONSULTEASE_BIN to the binary under test")
    return str(Path(path).resolve())


class Installation:
    """A data folder, and the commands run on it."""

    def __init__(self, binary: str, data: Path) -> None:
        self.binary = binary
        self.data = data
        self.database = data / "consultease.sqlite"

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONSULTEASE_")}
        return subprocess.Popen(
            [self.binary, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=kept | {"CONSULTEASE_DATA": str(self.data)} | environment,
            cwd=self.data.parent,
        )

    def run(self, *arguments: str, expect: int = 0, stdin: bytes = b"", **environment: str) -> "Outcome":
        process = self.start(*arguments, **environment)
        out, err = process.communicate(stdin, timeout=120)
        outcome = Outcome(process.returncode, out.decode(), err.decode())
        assert outcome.code == expect, f"{arguments} ended with {outcome}"
        return outcome

    def json(self, *arguments: str, expect: int = 0, **options):
        return json.loads(self.run(*arguments, "--json", expect=expect, **options).out)

    def add(self, name: str = "Dr. Ana Reyes", department: str = "Physics", *more: str) -> dict:
        return self.json("faculty", "add", "--name", name, "--department", department, *more)

    def file(self, name: str, content: bytes | str) -> str:
        path = self.data.parent / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def people(self) -> dict[int, dict]:
        return {person["id"]: person for person in self.json("faculty", "list")["faculty"]}


class Outcome:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    def __repr__(self) -> str:
        return f"code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Server:
    """`consultease serve`, on ports of its own, until it is stopped."""

    def __init__(self, installation: Installation) -> None:
        self.desks = free_port()
        self.http = free_port()
        self.flags = ["--listen", f"127.0.0.1:{self.http}", "--desks", f"127.0.0.1:{self.desks}"]
        self.log = (installation.data.parent / "server.log").open("wb")
        self.process = subprocess.Popen(
            [installation.binary, "serve", "--json", "--data", str(installation.data), *self.flags],
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        announcement = self.process.stdout.readline()
        if not announcement:
            self.stop()
            pytest.fail("serve did not start: " + (installation.data.parent / "server.log").read_text()[-2000:])
        self.url = json.loads(announcement)["url"]
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5):
                    return
            except urllib.error.URLError as error:
                if time.monotonic() > deadline:
                    self.stop()
                    pytest.fail(f"serve is not ready: {error}")
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()


@pytest.fixture()
def folder():
    # Short, since a Unix socket's path below it must not be longer than 107 bytes.
    path = Path(tempfile.mkdtemp(prefix="ce-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def template(binary):
    """A data folder as `serve` makes it, without anybody in it."""
    path = Path(tempfile.mkdtemp(prefix="ce-"))
    installation = Installation(binary, path / "data")
    Server(installation).stop()
    assert installation.database.exists()
    yield installation.data
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture()
def empty(binary, folder) -> Installation:
    """No database yet."""
    return Installation(binary, folder / "data")


@pytest.fixture()
def office(template, binary, folder) -> Installation:
    """A database without anybody in it, and no server."""
    shutil.copytree(template, folder / "data", ignore=shutil.ignore_patterns("*.sock", "running.json"))
    return Installation(binary, folder / "data")


@pytest.fixture()
def server(office):
    running = Server(office)
    yield running
    running.stop()
