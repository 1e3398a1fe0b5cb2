# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Runs Chromium against the real server. Debian's Chromium draws the pages."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import binary_under_test
from office import AWKWARD, Office, every_state, people
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from proxy import Proxy

KIOSK = {"width": 1024, "height": 600}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
DESK = {"width": 1440, "height": 900}
HALL = {"width": 1920, "height": 1080}

# This is a safety bound, not a measure: a busy machine draws late.
expect.set_options(timeout=30_000)
SIZES = {"/kiosk": KIOSK, "/": PHONE, "/hall": HALL}


@pytest.fixture(scope="session")
def make_office() -> Iterator[Callable[[list[dict[str, str]]], Office]]:
    binary = binary_under_test()
    # The path is short, since a Unix socket's path below it must not be longer than 107 bytes.
    folders: list[Path] = []
    offices: list[Office] = []

    def make(those: list[dict[str, str]]) -> Office:
        folders.append(Path(tempfile.mkdtemp(prefix="ce-")))
        offices.append(Office(binary, folders[-1], those))
        return offices[-1]

    yield make
    for office in offices:
        office.stop()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def office(make_office) -> Office:
    """Returns an office of 27 people: one in each of the six states, the others unknown. Tests that only read share
    it."""
    office = make_office(people(27))
    every_state(office)
    return office


@pytest.fixture(scope="session")
def awkward(make_office) -> Office:
    """Returns an office of nine people with names that are hard to fit."""
    office = make_office(AWKWARD)
    every_state(office)
    return office


@pytest.fixture(scope="session")
def crowd(make_office) -> Office:
    """Returns an office of 200 people."""
    return make_office(people(200))


@pytest.fixture(scope="session")
def nobody(make_office) -> Office:
    return make_office([])


@pytest.fixture(scope="session")
def moving(make_office) -> Office:
    """Returns an office of nine people whose status the tests change."""
    return make_office(people(9))


@pytest.fixture(scope="session")
def dataless(make_office, chromium) -> Office:
    """Returns an office with one person in each state, whose server has since lost its data."""
    office = make_office(people(7))
    every_state(office)
    office.lose_data()
    page = chromium.new_page()
    page.goto(f"{office.url}/kiosk")
    expect(page.locator("html[data-stale]")).to_be_visible()
    page.close()
    return office


@pytest.fixture()
def proxy(moving) -> Iterator[Proxy]:
    proxy = Proxy(moving.url)
    yield proxy
    proxy.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture()
def browse(chromium) -> Iterator[Callable[..., Page]]:
    """Opens a page of a size in a context of its own.

    A fault in the page's console fails the test: a script's error, or what the content security policy refused.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Some tests are about a cut connection, or a server that refuses.
        if message.type in ("error", "warning") and not any(
            part in message.text for part in ("net::ERR", "404", "503")
        ):
            faults.append(message.text)

    def open_page(address: str, viewport: dict[str, int] | None = None, **options) -> Page:
        context = chromium.new_context(viewport=viewport or KIOSK, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", note)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


def live(page: Page) -> Page:
    """Waits until the page has received an event of the server."""
    expect(page.locator("#live-word")).to_have_text("Live")
    return page
