# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A load twice: calm, then beside a hostile desk unit and a hostile web client. `scripts/soak` runs it.

    python Tests/Process/hostile.py BINARY

The honest load must end as its oracle says both times, its latency must stay within a bound beside the attack, and the
server's counters must tell of the attack.

SOAK_HOSTILE_MESSAGES: how many messages each load has (20000)
SOAK_HOSTILE_UNITS: how many honest units (50)
SOAK_HOSTILE_RATE: messages a second (500)
SOAK_HOSTILE_BOUND: how many milliseconds 99 of 100 honest messages may take to be stored beside the attack (5000)
"""

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from conftest import Server, free_port
from paho.mqtt.enums import CallbackAPIVersion

ATTACKER = "127.0.0.2"
UNIT = "hostile-1"


def setting(name: str, default: int) -> int:
    return int(os.environ.get(f"SOAK_HOSTILE_{name}", default))


class HostileUnit(threading.Thread):
    """Has credentials, and sends everything that it may in the worst way, about 150 messages a second."""

    def __init__(self, port: int, password: str, end: threading.Event) -> None:
        super().__init__(daemon=True)
        self.end = end
        self.said = 0
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=UNIT, protocol=mqtt.MQTTv311)
        self.client.username_pw_set(UNIT, password)
        # Messages that the broker no longer accepts are left out: this process must not grow.
        self.client.max_queued_messages_set(500)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def run(self) -> None:
        base = f"consultease/v2/unit/{UNIT}"
        garbage = "[" + "1," * 30_000 + "1]"
        large = json.dumps({"boot": "b0000001", "seq": 1, "type": "beat", "padding": "x" * 60_000})
        accents = f"{base}/e" + "\u0301" * 32_000
        while not self.end.is_set():
            boot = f"b{self.said % 0xFFFFFFF:07x}"
            state = json.dumps({"online": True, "boot": boot, "fw": "1", "proto": 2})
            for _ in range(10):
                self.client.publish(f"{base}/event", '{"boot":"b0000001","seq":1,"type":"presence"}', qos=0)
            self.client.publish(f"{base}/event", large, qos=1)
            self.client.publish(f"{base}/event", garbage, qos=1)
            self.client.publish(f"{base}/state", state, qos=1)
            with suppress(ValueError):  # the library counts a topic in bytes and may refuse it
                self.client.publish(accents, "{}", qos=0)
            self.said += 14
            time.sleep(0.1)
        self.client.loop_stop()
        self.client.disconnect()


class HostileClient(threading.Thread):
    """Opens many streams, silent connections, readers that don't read, and requests that arrive byte by byte."""

    OPENINGS = (
        b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n",
        b"",
        b"GET /api/v1/faculty HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
        b"GET /health/live HTTP/1.1\r\nX-Slow: ",
    )

    def __init__(self, url: str, end: threading.Event) -> None:
        super().__init__(daemon=True)
        address = urlsplit(url)
        self.address = (address.hostname, address.port)
        self.end = end
        self.opened = 0

    def run(self) -> None:
        open_ones: list[socket.socket] = []
        while not self.end.is_set():
            with suppress(OSError):
                one = socket.create_connection(self.address, timeout=5, source_address=(ATTACKER, 0))
                one.settimeout(0.05)
                open_ones.append(one)
                one.sendall(self.OPENINGS[self.opened % len(self.OPENINGS)])
            self.opened += 1
            for slow in open_ones[3::4]:
                if self.opened % 100 == 0:
                    with suppress(OSError):
                        slow.sendall(b"x")
            if len(open_ones) > 2000:
                open_ones.pop(0).close()
            time.sleep(0.005)
        for one in open_ones:
            one.close()


def load(binary: str, server: Server) -> dict:
    words = [binary, "load", "--prepare", str(server.data), "--http", server.url, "--json"]
    words += ["--broker", f"mqtt+unix://{server.data}/broker/server.sock", "--timeout", "120"]
    words += ["--messages", str(setting("MESSAGES", 20_000)), "--units", str(setting("UNITS", 50))]
    words += ["--rate", str(setting("RATE", 500))]
    done = subprocess.run(words, stdout=subprocess.PIPE, timeout=3600)
    report = json.loads(done.stdout)
    if done.returncode != 0 or not report["equal"]:
        sys.exit(f"the honest load did not end as it must: {json.dumps(report)[:2000]}")
    return report


def counted(metrics: str, name: str, label: str = "") -> float:
    text = urllib.request.urlopen(f"http://{metrics}/metrics", timeout=30).read().decode()
    lines = re.findall(rf"^{name}(\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    return sum(float(value) for labels, value in lines if label in labels)


def main() -> None:
    binary = str(Path(sys.argv[1]).resolve())
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    folder = Path(tempfile.mkdtemp(prefix="ce-"))
    figures = {}
    for kind in ("calm", "attacked"):
        data = folder / kind
        desks, metrics = free_port(), f"127.0.0.1:{free_port()}"
        server = Server(binary, data, "--desks", f"127.0.0.1:{desks}", "--metrics", metrics)
        end = threading.Event()
        try:
            server.wait_until_ready()
            hostile: list[threading.Thread] = []
            if kind == "attacked":
                in_folder = ["--data", str(data)]
                subprocess.run([binary, "unit", "add", UNIT, *in_folder], check=True, stdout=subprocess.DEVNULL)
                made = subprocess.run(
                    [binary, "unit", "credential", UNIT, "--json", *in_folder], check=True, stdout=subprocess.PIPE
                )
                hostile.append(HostileUnit(desks, json.loads(made.stdout)["password"], end))
                hostile.append(HostileClient(server.url, end))
                for one in hostile:
                    one.start()
            figures[kind] = load(binary, server)
            if hostile:
                start = time.monotonic()
                urllib.request.urlopen(f"{server.url}/health/live", timeout=30).read()
                print(f"/health/live was answered in {(time.monotonic() - start) * 1000:.0f} ms beside the attack")
                told = {
                    "refused messages": counted(metrics, "consultease_ingest_messages_total", 'outcome="refused"'),
                    "refused streams": counted(metrics, "consultease_streams_refused_total"),
                    "refused connections": counted(metrics, "consultease_connections_refused_total"),
                }
                print(f"The unit said {hostile[0].said} messages; the client opened {hostile[1].opened} connections.")
                print("Counted: " + ", ".join(f"{name} {count:.0f}" for name, count in told.items()))
                if not all(told.values()):
                    sys.exit("a counter does not tell of the attack")
        finally:
            end.set()
            server.running.kill()
    print_ratio(figures)
    shutil.rmtree(folder)


def print_ratio(figures: dict) -> None:
    """Ends the run with a failure if the honest load was too slow beside the attack."""
    for name in ("acknowledged", "shown"):
        calm, attacked = (figures[kind].get(name) for kind in ("calm", "attacked"))
        if not calm or not attacked:
            continue
        for rank in ("p50", "p99"):
            one, other = calm[f"{rank}_milliseconds"], attacked[f"{rank}_milliseconds"]
            print(f"{name} {rank}: calm {one:.1f} ms, attacked {other:.1f} ms, ratio {other / one:.1f}")
            if name == "acknowledged" and other > setting("BOUND", 5000):
                sys.exit("the honest load was too slow beside the attack")


if __name__ == "__main__":
    main()
