# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""`unit list`, `doctor` and the metrics judge a unit's link by one rule."""

import re
import sqlite3
import time
import urllib.error
import urllib.request
from collections import Counter

import harness
from harness import eventually, free_port

DAY = 86_400_000


def counted(url: str) -> dict[str, int]:
    """Returns the counts of the metrics; empty while no server listens, since the pages may open a moment earlier."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    found = re.findall(r'^consultease_units\{.*?state="(.*?)".*?\} (\S+)', text, re.MULTILINE)
    # A state without units is reported as 0, or not at all.
    return {state: int(float(count)) for state, count in found if float(count) > 0}


def test_lists_and_metrics_agree_on_every_kind_of_link(office):
    now = int(time.time() * 1000)
    # The values are: heard at, how long it may be silent, offline since, and the resulting state.
    links = {
        "live-1": (now, DAY, None, "live"),
        "live-2": (now - DAY // 2, DAY, None, "live"),
        "silent-1": (now - 2 * DAY, DAY, None, "silent"),
        "offline-1": (now, DAY, now, "offline"),
        "offline-2": (now - 2 * DAY, DAY, now - DAY, "offline"),
        "willed-1": (None, DAY, now, "offline"),
        "mute-1": (None, DAY, None, "never-heard"),
        "mute-2": None,
    }
    for unit in links:
        office.run("unit", "add", unit)
    with sqlite3.connect(office.database) as database:
        for unit, link in links.items():
            if link:
                database.execute(
                    "INSERT INTO unit_link (unit_id, heard_at, tolerance, offline_since) VALUES (?, ?, ?, ?)",
                    (unit, *link[:3]),
                )
    database.close()
    listed = {unit["unit"]: unit["link"] for unit in office.json("unit", "list")}
    assert listed == {unit: link[3] if link else "never-heard" for unit, link in links.items()}
    address = f"127.0.0.1:{free_port()}"
    flags = ["--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}", "--metrics", address]
    server = harness.Server(office.binary, office.data, *flags)
    try:
        eventually(lambda: counted(f"http://{address}/metrics"), 20)
        # The values are read at once, before the server itself notices silent units.
        now_listed = Counter(unit["link"] for unit in office.json("unit", "list"))
        eventually(lambda: counted(f"http://{address}/metrics") == now_listed, 20)
    finally:
        server.stop()
