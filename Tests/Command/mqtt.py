# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The part of MQTT 3.1.1 that these tests need: CONNECT, PUBLISH at QoS 0, and reading CONNACK."""

import socket
import time
from contextlib import suppress

ACCEPTED = 0
REFUSED = 5


def text(value: str) -> bytes:
    return len(value.encode()).to_bytes(2, "big") + value.encode()


def packet(kind: int, body: bytes) -> bytes:
    length = b""
    rest = len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (0x80 if rest else 0)])
        if not rest:
            return bytes([kind]) + length + body


def connect(port: int, user: str, password: str) -> tuple[int | None, socket.socket]:
    """Returns CONNACK's return code and the connection. None if the broker closed without an answer."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    body = text("MQTT") + bytes([4, 0xC2]) + (30).to_bytes(2, "big") + text(user) + text(user) + text(password)
    connection.sendall(packet(0x10, body))
    answer = connection.recv(4)
    return (answer[3] if len(answer) == 4 else None), connection


def anonymous(port: int, client: str) -> tuple[int | None, socket.socket]:
    """Connects like `connect`, without credentials."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.sendall(packet(0x10, text("MQTT") + bytes([4, 0x02]) + (30).to_bytes(2, "big") + text(client)))
    answer = connection.recv(4)
    return (answer[3] if len(answer) == 4 else None), connection


def publish(connection: socket.socket, topic: str, payload: str) -> None:
    connection.sendall(packet(0x30, text(topic) + payload.encode()))


def until_answer(port: int, user: str, password: str, expected: int) -> None:
    """Retries until the broker answers as expected: a signal needs a moment to arrive, and the broker's port opens
    after the socket that the server waits for."""
    deadline = time.monotonic() + 60
    while True:
        code = None
        with suppress(ConnectionRefusedError, TimeoutError):
            code, connection = connect(port, user, password)
            connection.close()
        if code == expected:
            return
        assert time.monotonic() < deadline, f"CONNACK says {code}, not {expected}"
        time.sleep(0.05)
