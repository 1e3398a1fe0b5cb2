# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""One web client against all others: many streams, silent connections, and few descriptors."""

import http.client
import json
import os
import resource
import socket
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import Server, until

# Two clients on one machine have different addresses: Linux answers on all of 127.0.0.0/8.
ATTACKER, VISITOR = "127.0.0.2", "127.0.0.3"
EVENTS = b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(autouse=True)
def many_files():
    """Lets this process hold all connections of the attacker."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def connect(url: str, source: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout=20, source_address=(source, 0))


def ask(url: str, path: str, source: str = VISITOR) -> tuple[http.client.HTTPResponse, bytes, float]:
    """Returns the answer on a new connection, its body unless it is a stream's, and its duration."""
    start = time.monotonic()
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20, source_address=(source, 0))
    connection.request("GET", path)
    answer = connection.getresponse()
    body = b"" if answer.headers["Content-Type"] == "text/event-stream" else answer.read()
    connection.close()
    return answer, body, time.monotonic() - start


@contextmanager
def held(url: str, count: int, opening: bytes = b""):
    sockets = []
    try:
        for _ in range(count):
            sockets.append(connect(url, ATTACKER))
            if opening:
                sockets[-1].sendall(opening)
        yield sockets
    finally:
        for each in sockets:
            each.close()


def test_a_thousand_streams_of_one_address_leave_others_theirs(serve):
    server = serve()
    server.wait_until_ready()
    with held(server.url, 1000, EVENTS):

        def is_refused() -> bool:
            answer, body, _ = ask(server.url, "/api/v1/events", ATTACKER)
            if answer.status != 429:
                return False
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Retry-After"] == "5"
            assert json.loads(body)["type"].startswith("urn:consultease:problem:too-many-")
            return True

        until("the attacker has its share", is_refused)
        assert ask(server.url, "/api/v1/events")[0].status == 200
        answer, _, seconds = ask(server.url, "/health/live")
        assert answer.status == 200
        assert seconds < 5
    assert f"{ATTACKER}" in server.running.log.read_text()


def test_two_thousand_silent_connections_keep_no_request_out(serve):
    server = serve()
    server.wait_until_ready()
    with held(server.url, 2100):
        for source in (VISITOR, ATTACKER):
            answer, _, seconds = ask(server.url, "/health/live", source)
            assert answer.status == 200
            assert seconds < 5
    log = server.running.log.read_text()
    assert "Connections of one address were refused or closed" in log
    assert f"address={ATTACKER}" in log


def test_few_descriptors_leave_the_server_idle_and_answering(binary, folder):
    wrapper = folder / "few-files"
    wrapper.write_text(f'#!/bin/sh\nulimit -n 256\nexec {binary} "$@"\n')
    wrapper.chmod(0o755)
    server = Server(str(wrapper), folder / "data")
    try:
        server.wait_until_ready()
        assert "Fewer connections are taken" in server.running.log.read_text()
        with held(server.url, 600):
            assert ask(server.url, "/health/live")[0].status == 200
            before = _processor_seconds(server.running.process.pid)
            start = time.monotonic()
            # The attacker's connections stay open meanwhile; a visitor asks now and then.
            while time.monotonic() - start < 2:
                assert ask(server.url, "/health/live")[0].status == 200
                time.sleep(0.1)
            assert _processor_seconds(server.running.process.pid) - before < 1
        assert "No connection can be accepted" not in server.running.log.read_text()
    finally:
        server.running.kill()


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
