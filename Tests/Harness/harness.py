# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Helpers of all suites: the binary under test, ports, waiting, and `consultease serve` as a process."""

import itertools
import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def binary_under_test() -> Path:
    """Returns the binary that CONSULTEASE_BIN names, or else the one that `scripts/build` makes."""
    return Path(os.environ.get("CONSULTEASE_BIN") or REPOSITORY / ".build/debug/consultease").resolve(strict=True)


# The ports are below the range that the system uses for outgoing connections, and each pytest-xdist worker has its own
# share, so that nothing takes a port between the moment when a test picks it and the moment when its server listens.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
_PORTS = range(16_000 + _WORKER * 2_000, 18_000 + _WORKER * 2_000)
_upcoming_ports = itertools.cycle(random.sample(_PORTS, len(_PORTS)))


def free_port() -> int:
    """Returns a TCP port of the loopback interface that no process uses now: the embedded broker can't choose one
    itself."""
    for port in itertools.islice(_upcoming_ports, len(_PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no free port from {_PORTS.start} to {_PORTS.stop - 1}")


def eventually(look, seconds: float = 60, what: str = ""):
    """Returns the value of `look` when it is true; fails after `seconds`, with the description `what`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s" + (f": {what}" if what else "")
        time.sleep(0.02)


def at_least(url: str, revision: str) -> dict:
    """Returns the JSON at a revision or a later one; asks again, like a browser, if the server doesn't have it yet."""

    def look() -> dict | None:
        try:
            with urllib.request.urlopen(f"{url}?at-least={revision}", timeout=30) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            return None

    return eventually(look, what=f"{url} at {revision}")


class Server:
    """`consultease serve` on a data folder, until it is stopped. Its log is beside the folder."""

    def __init__(self, binary: Path | str, data: Path, *flags: str) -> None:
        self.binary = binary
        self.data = data
        self.log = data.parent / "server.log"
        with self.log.open("wb") as errors:
            self.process = subprocess.Popen(
                [binary, "serve", "--json", "--data", data, *flags], stdout=subprocess.PIPE, stderr=errors
            )
        announcement = self.process.stdout.readline()
        if not announcement:
            # This must not call a subclass's version, whose attributes don't exist yet.
            Server.stop(self)
            raise AssertionError(f"serve did not start: {self.log.read_text()[-2000:]}")
        self.url = json.loads(announcement)["url"]

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=30):
                return True
        except OSError:
            return False

    def wait_until_ready(self) -> None:
        try:
            eventually(self.is_ready)
        except AssertionError:
            self.stop()
            raise

    def command(self, *words: object) -> str:
        """Returns the output of a command on the same folder, which must succeed."""
        arguments = [self.binary, *map(str, words), "--data", self.data]
        return subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=60).stdout

    def stop(self) -> None:
        crashed = self.process.poll() is not None and self.process.returncode not in (0, -signal.SIGKILL)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        # This is a fault whenever it happens, and a second try doesn't excuse it: see scripts/test.
        log = self.log.read_text(errors="replace")
        assert not crashed or "Fatal error" not in log, f"Fatal error: {log[-2000:]}"
