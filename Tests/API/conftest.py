# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The real server, in a folder of its own, with twelve people on its board."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


class Server:
    """A running `consultease serve` and its commands."""

    def __init__(self, binary: Path, data: Path, url: str) -> None:
        self.binary = binary
        self.data = data
        self.url = url

    def command(self, *words: str) -> str:
        arguments = [self.binary, *words, "--data", self.data]
        return subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=60).stdout


def free_port() -> int:
    """A port that nobody listens on: the embedded broker can't choose one itself."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    binary = Path(os.environ.get("CONSULTEASE_BIN", REPOSITORY / ".build/debug/consultease")).resolve()
    data = tmp_path_factory.mktemp("consultease") / "data"
    log = data.with_suffix(".log")
    arguments = ["--data", data, "--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}", "--json"]
    with (
        log.open("wb") as errors,
        subprocess.Popen([binary, "serve", *arguments], stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, f"the server did not start:\n{log.read_text()}"
            running = Server(binary, data, json.loads(line)["url"])
            for number in range(1, 13):
                department = "Engineering" if number % 2 else "Letters & Arts"
                running.command("faculty", "add", "--name", f"Prof. Person {number}", "--department", department)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=20)
