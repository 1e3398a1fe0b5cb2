# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Runs the binary as an operator does."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import harness
import pytest
from harness import binary_under_test, free_port
from postgres import PASSWORD, Database, Postgres


@pytest.fixture(scope="session")
def binary() -> str:
    return str(binary_under_test())


class Installation:
    """A data folder, and the commands that run on it."""

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
        try:
            out, err = process.communicate(stdin, timeout=120)
        finally:
            # The process should have ended by itself.
            process.kill()
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


class Server(harness.Server):
    """`consultease serve` on an installation's folder, with its own ports, ready."""

    def __init__(self, installation: Installation) -> None:
        self.desks = free_port()
        self.http = free_port()
        self.flags = ["--listen", f"127.0.0.1:{self.http}", "--desks", f"127.0.0.1:{self.desks}"]
        super().__init__(installation.binary, installation.data, *self.flags)
        self.wait_until_ready()


@pytest.fixture()
def folder():
    # The path is short, since a Unix socket's path below it must not be longer than 107 bytes.
    path = Path(tempfile.mkdtemp(prefix="ce-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def template(binary):
    """Returns a data folder as `serve` makes it, with no person in it."""
    path = Path(tempfile.mkdtemp(prefix="ce-"))
    installation = Installation(binary, path / "data")
    Server(installation).stop()
    assert installation.database.exists()
    yield installation.data
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture()
def empty(binary, folder) -> Installation:
    """Returns an installation without a database."""
    return Installation(binary, folder / "data")


@pytest.fixture()
def office(template, binary, folder) -> Installation:
    """Returns an installation whose database has no person, without a server."""
    shutil.copytree(template, folder / "data", ignore=shutil.ignore_patterns("*.sock", "running.json"))
    return Installation(binary, folder / "data")


@pytest.fixture()
def server(office):
    running = Server(office)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def cluster():
    """Starts one PostgreSQL for all tests of a worker; each test has its own database."""
    folder = Path(tempfile.mkdtemp(prefix="ce-pg-"))
    made = Postgres(folder, free_port())
    made.make()
    yield made
    made.stop()
    shutil.rmtree(folder)


def on(database: Database) -> dict[str, str]:
    """Returns the environment in which a command uses that database."""
    return {"CONSULTEASE_DATABASE": database.url(), "CONSULTEASE_DATABASE_PASSWORD": PASSWORD}
