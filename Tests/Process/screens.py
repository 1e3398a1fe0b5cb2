# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Screens that follow the event stream and notice a step backwards, and plain reads."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from urllib.parse import urlsplit

from conftest import until


def get(url: str, seconds: float = 10) -> tuple[int, dict, dict]:
    """Returns status, headers and JSON. The status is 0 if no server answers."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), json.loads(error.read() or b"{}")
    except (OSError, http.client.HTTPException):
        return 0, {}, {}


def at_least(url: str, tag: str, seconds: float = 60) -> tuple[int, dict, dict]:
    """Gets like `get`, at a revision or a later one; asks again, like a browser, if the server doesn't have it yet."""
    deadline = time.monotonic() + seconds
    while True:
        answer = get(f"{url}?at-least={tag}", 30)
        if answer[0] != 503 or time.monotonic() > deadline:
            return answer


def checks(url: str) -> dict[str, dict]:
    """Returns the checks of `/health/ready` by name; empty if no server answers."""
    return {check["name"]: check for check in get(f"{url}/health/ready")[2].get("checks", [])}


def is_ready(url: str) -> bool:
    return get(f"{url}/health/ready")[0] == 200


def leads(url: str) -> bool:
    return checks(url).get("leader", {}).get("detail") == "leading"


def number(tag: str) -> int:
    return int(tag.rsplit("-", 1)[1])


class Screen:
    """Follows one server's stream; if the server ends, it continues at the next one from its last event."""

    def __init__(self, *urls: str, tag: str | None = None) -> None:
        self.urls = list(urls)
        self.tag = tag
        self.cards: dict[int, dict] = {}
        self.kinds: list[str] = []
        self.times: list[int] = []
        self.faults: list[str] = []
        self.connects = 0
        # Every availability that the screen has shown, by person.
        self.shown: dict[int, list[str]] = {}
        self.stopping = False
        self.connection: http.client.HTTPConnection | None = None
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.stopping = True
        with suppress(OSError, AttributeError):
            self.connection.sock.close()

    def _follow(self) -> None:
        while not self.stopping:
            url = self.urls[0]
            with suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
                self._read(url)
            if self.stopping:
                return
            self.urls.append(self.urls.pop(0))
            # A browser waits longer; a short wait finds more faults.
            time.sleep(0.05)

    def _read(self, url: str) -> None:
        place = urlsplit(url)
        # If nothing arrives for this long, not even a beat, the stream is dead.
        self.connection = http.client.HTTPConnection(place.hostname, place.port, timeout=15)
        self.connection.request("GET", "/api/v1/events", headers={"Last-Event-ID": self.tag} if self.tag else {})
        answer = self.connection.getresponse()
        if answer.status != 200:
            return
        self.connects += 1
        event: dict[str, str] = {}
        while line := answer.readline():
            text = line.decode().rstrip("\n")
            if text:
                name, _, value = text.partition(": ")
                event[name] = value
            elif event:
                self._show(url, event)
                event = {}

    def _show(self, url: str, event: dict[str, str]) -> None:
        kind, tag = event["event"], event["id"]
        if kind != "beat":
            self.kinds.append(kind)
        if self.tag and kind != "reset":
            if tag.rsplit("-", 1)[0] != self.tag.rsplit("-", 1)[0]:
                self.faults.append(f"{url}: {kind} of another lineage without a reset: {self.tag}, then {tag}")
            elif number(tag) < number(self.tag):
                self.faults.append(f"{url}: {kind} went back: {self.tag}, then {tag}")
        if kind == "reset" and self.tag and tag.rsplit("-", 1)[0] == self.tag.rsplit("-", 1)[0]:
            self.faults.append(f"{url}: reset within a lineage: {self.tag}, then {tag}")
        self.tag = tag
        frame = json.loads(event["data"])
        if kind == "beat":
            self.times.append(frame["now"])
        if kind in ("reset", "snapshot"):
            self.cards = {}
        for card in frame.get("cards", []):
            self.cards[card["id"]] = card
            self.shown.setdefault(card["id"], []).append(card["availability"])
        for removed in frame.get("removed", []):
            self.cards.pop(removed, None)


def agree(screens: list[Screen], urls: list[str]) -> None:
    """Waits until all screens and servers show the same, and fails with the screens that went back meanwhile."""

    def difference() -> bool:
        lists = [get(f"{url}/api/v1/faculty")[2] for url in urls]
        if not all("faculty" in one for one in lists):
            return False
        shown = [{card["id"]: card for card in one["faculty"]} for one in lists]
        return (
            len({one["revision"] for one in lists}) == 1
            and all(one == shown[0] for one in shown)
            and all(states(screen.cards) == states(shown[0]) for screen in screens)
        )

    until("all screens and servers show the same", difference)
    for screen in screens:
        assert not screen.faults, screen.faults[:5]


def states(cards: dict[int, dict]) -> dict[int, tuple]:
    return {one: (card["availability"], card["version"], card["since"]) for one, card in cards.items()}
