# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A TCP proxy between browser and server, which can be cut and can send bytes as the server."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Proxy:
    """Passes bytes both ways until it is cut; then connections end, new ones at once."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self.target = (address.hostname, address.port)
        self.is_cut = False
        self.open: set[socket.socket] = set()
        self.streams: list[Chunks] = []
        self.requests: list[str] = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        with self.lock:
            self.is_cut = True
            for end in self.open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self.streams.clear()

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self.listener.close()

    def inject(self, event: str) -> None:
        """Sends an event on every open stream, as if the server had sent it."""
        with self.lock:
            for stream in self.streams:
                stream.inject(event)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.is_cut:
                client.close()
                continue
            server = socket.create_connection(self.target)
            with self.lock:
                self.open |= {client, server}
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                line = data.split(b"\r\n", 1)[0].decode("latin-1")
                if line.startswith("GET "):
                    self.requests.append(line.split(" ")[1])
                server.sendall(data)
        self._end(client, server)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        stream = None
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if stream is None and b"text/event-stream" in data.lower():
                    head, _, body = data.partition(b"\r\n\r\n")
                    client.sendall(head + b"\r\n\r\n")
                    data, stream = body, Chunks(client)
                    with self.lock:
                        self.streams.append(stream)
                if stream is None:
                    client.sendall(data)
                else:
                    with self.lock:
                        stream.forward(data)
        self._end(client, server)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self.lock:
                self.open.discard(end)
            end.close()


class Chunks:
    """Follows a body in HTTP/1.1 chunks, so that more can be inserted between two chunks, as a server would."""

    def __init__(self, client: socket.socket) -> None:
        self.client = client
        self.rest = b""

    def forward(self, data: bytes) -> None:
        self.rest += data
        while b"\r\n" in self.rest:
            size, _, body = self.rest.partition(b"\r\n")
            length = int(size.split(b";")[0], 16) + 2
            if len(body) < length:
                return
            self.client.sendall(size + b"\r\n" + body[:length])
            self.rest = body[length:]

    def inject(self, event: str) -> None:
        body = event.encode()
        with contextlib.suppress(OSError):
            self.client.sendall(f"{len(body):x}\r\n".encode() + body + b"\r\n")
