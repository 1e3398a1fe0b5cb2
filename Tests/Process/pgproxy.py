# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A proxy in front of PostgreSQL that reads the traffic, and cuts a connection exactly at a COMMIT."""

import socket
import struct
import threading
from contextlib import suppress

# The first packet of a connection has no type: it is a start-up, or a request for encryption, answered by one byte.
ENCRYPTION_REQUESTS = {80877103, 80877104}


class PostgresProxy:
    """Listens on a port of its own. `cut` says where the next COMMITs of transactions that write `marker` are cut:

    `before`: the server never sees it. `during`: the server sees it, and the connection is cut without waiting for the
    answer. `after`: the server has answered, and the answer is lost.
    """

    def __init__(self, upstream: int, marker: str) -> None:
        self.upstream = upstream
        self.marker = marker.encode()
        self.pending: list[str] = []
        self.cuts: list[str] = []
        # This is clear while nothing passes in either direction and no connection is closed: a network that has failed.
        self.flows = threading.Event()
        self.flows.set()
        # The proxy fails at the next request that names the marker: `between` requests, or `inside` that one.
        self.fails: str | None = None
        self.lock = threading.Lock()
        self.open: set[Passage] = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, where: str) -> None:
        with self.lock:
            self.pending.append(where)

    def take_cut(self) -> str | None:
        with self.lock:
            return self.pending.pop(0) if self.pending else None

    def take_failure(self) -> str | None:
        with self.lock:
            fails, self.fails = self.fails, None
            return fails

    def done(self, where: str) -> None:
        with self.lock:
            self.cuts.append(where)

    def cut_all(self) -> None:
        with self.lock:
            passages = list(self.open)
        for passage in passages:
            passage.close()

    def close(self) -> None:
        self.flows.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.flows.wait()
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream))
            except OSError:
                client.close()
                continue
            passage = Passage(self, client, server)
            with self.lock:
                self.open.add(passage)
            passage.start()


class Passage:
    """One proxied connection."""

    def __init__(self, proxy: PostgresProxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy = proxy
        self.client = client
        self.server = server
        self.statements: dict[bytes, bytes] = {}
        self.portals: dict[bytes, bytes] = {}
        self.writes_marker = False
        self.answer_is_lost = False
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        threading.Thread(target=self._guard, args=(self._forward_requests,), daemon=True).start()
        threading.Thread(target=self._guard, args=(self._forward_answers,), daemon=True).start()

    def close(self) -> None:
        with self.proxy.lock:
            self.proxy.open.discard(self)
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _guard(self, body) -> None:
        try:
            body()
        except (OSError, EOFError):
            pass
        finally:
            self.close()

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self.client.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def _forward_requests(self) -> None:
        while True:
            head = self._read(4)
            body = self._read(struct.unpack("!I", head)[0] - 4)
            self.server.sendall(head + body)
            if struct.unpack("!I", body[:4])[0] not in ENCRYPTION_REQUESTS:
                break
        while True:
            kind = self._read(1)
            head = self._read(4)
            body = self._read(struct.unpack("!I", head)[0] - 4)
            where = self.proxy.take_cut() if self._commits_marker(kind, body) else None
            if where == "before":
                self.proxy.done(where)
                return
            if where == "after":
                self.answer_is_lost = True
            fails = self.proxy.take_failure() if self._begins_marker(kind, body) else None
            if fails == "between":
                self.proxy.flows.clear()
            self.proxy.flows.wait()
            self.server.sendall(kind + head + body)
            if fails == "inside":
                self.proxy.flows.clear()
            if where == "during":
                # The server acts on a message that executes only after the Sync behind it.
                if kind == b"E":
                    self.server.sendall(b"S" + struct.pack("!I", 4))
                self.proxy.done(where)
                return

    def _forward_answers(self) -> None:
        while True:
            data = self.server.recv(65536)
            if not data:
                raise EOFError
            if self.answer_is_lost and b"COMMIT\x00" in data:
                self.proxy.done("after")
                return
            self.proxy.flows.wait()
            self.client.sendall(data)

    def _commits_marker(self, kind: bytes, body: bytes) -> bool:
        """Returns whether this message makes the server commit a transaction that has written the marker."""
        text = self._executed(kind, body)
        if text is None:
            return False
        if text.upper().startswith(b"BEGIN"):
            self.writes_marker = False
        elif self.proxy.marker in text and not text.lstrip().upper().startswith(b"SELECT"):
            self.writes_marker = True
        elif text.upper().startswith(b"COMMIT"):
            return self.writes_marker
        return False

    def _begins_marker(self, kind: bytes, body: bytes) -> bool:
        """Returns whether this binds values to a statement that names the marker; a later message executes it."""
        return kind == b"B" and self.proxy.marker in self.statements.get(body.split(b"\0", 2)[1], b"")

    def _executed(self, kind: bytes, body: bytes) -> bytes | None:
        """Returns the text that a message executes."""
        if kind == b"Q":
            return body.rstrip(b"\0")
        if kind == b"P":
            name, text, _ = body.split(b"\0", 2)
            self.statements[name] = text
        elif kind == b"B":
            portal, statement, _ = body.split(b"\0", 2)
            self.portals[portal] = self.statements.get(statement, b"")
        elif kind == b"E":
            return self.portals.get(body.split(b"\0", 1)[0])
        return None
