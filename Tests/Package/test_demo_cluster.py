# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""`make demo-cluster` as an operator sees it: three servers, of which one leads, and another after that one has
ended."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from pathlib import Path

import pytest
from machine import eventually

ROOT = Path(__file__).parent.parent.parent
# The script prints a server like this: its name, its address, its role, its process.
SERVER = re.compile(r"^  (\w+) +(http://\S+) +(leading|standing by) +process (\d+)$", re.MULTILINE)


def free_ports(count: int) -> int:
    """Returns the first of this many adjacent ports on which no process listens."""
    while True:
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
        try:
            for number in range(port, port + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except (OSError, OverflowError):
            continue
        return port


@pytest.fixture()
def cluster():
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="ce-cluster-"))
    # PostgreSQL's own user needs access.
    folder.chmod(0o711)
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            [ROOT / "scripts" / "demo-cluster"],
            env=os.environ
            | {"FOLDER": str(folder / "cluster"), "PORT": str(free_ports(3)), "DESKS": str(free_ports(2))},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    def text() -> str:
        said = (folder / "log").read_text()
        assert running.poll() is None, said
        return said

    yield running, text
    if running.poll() is None:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=60)
    shutil.rmtree(folder)


def get(url: str):
    with urllib.request.urlopen(url, timeout=5) as reply:
        return reply.headers["ConsultEase-Instance"], json.loads(reply.read())


def test_three_servers_show_the_same_and_another_leads_when_the_leader_is_ended(cluster):
    running, text = cluster
    eventually("what can be tried is told", lambda: "Ctrl-C ends all of it" in text(), within=60)
    servers = {name: (url, role, int(pid)) for name, url, role, pid in SERVER.findall(text())}
    assert sorted(role for _, role, _ in servers.values()) == ["leading", "standing by", "standing by"]
    leader = next(name for name, (_, role, _) in servers.items() if role == "leading")

    def present() -> int:
        return sum(person["status"] for person in get(f"{servers[leader][0]}/api/v1/faculty")[1]["faculty"])

    eventually("desks live", lambda: present() >= 3)
    for name, (url, _, _) in servers.items():
        assert get(f"{url}/api/v1/faculty/1")[0] == name

    os.kill(servers[leader][2], signal.SIGKILL)
    others = [name for name in servers if name != leader]
    eventually("another leads", lambda: any(f"· {name} leads" in text() for name in others), within=10)

    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=60) == 0
    eventually("nothing stays behind", lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()])
