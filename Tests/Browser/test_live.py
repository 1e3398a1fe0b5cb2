# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""An open page's reaction to events: changes, cuts, and events of the past."""

import json
import time

import pytest
from conftest import DESK, PHONE, live
from playwright.sync_api import expect


@pytest.fixture()
def board(moving, browse):
    moving.sense(1, True)
    moving.sense(2, True)
    moving.settle(p1="available", p2="available")
    return live(browse(f"{moving.url}/kiosk"))


# This counts the milliseconds for which a busy machine kept the page from running.
STALLS = """() => { window.stalled = 0; let last = performance.now()
    setInterval(() => { const now = performance.now()
        window.stalled += Math.max(0, now - last - 100); last = now }, 50) }"""


def card(page, person):
    return page.locator(f"#card-{person}")


def test_a_change_is_drawn_without_reload_and_in_place(board, moving):
    board.evaluate("window.isTheSamePage = true")
    box = card(board, 1).bounding_box()
    board.evaluate(
        """() => { window.rings = 0; new MutationObserver(() => { window.rings += 1 })
            .observe(document.getElementById('card-1'), { attributeFilter: ['data-changed'] }) }"""
    )
    moving.sense(1, False)
    expect(card(board, 1)).to_have_attribute("data-state", "away")
    expect(card(board, 1).locator(".word")).to_have_text("Away")
    assert "Away" in card(board, 1).get_attribute("aria-label")
    assert card(board, 1).bounding_box() == box
    assert board.evaluate("window.isTheSamePage")
    assert board.evaluate("window.rings") >= 1, "no ring showed the change"
    expect(board.locator("#card-1[data-changed]")).to_have_count(0)


def test_a_row_changed_by_another_process_is_drawn(board, moving):
    moving.consult(9, waiting=1)
    expect(card(board, 9).locator(".word")).to_have_text("In consultation")
    expect(card(board, 9).locator(".line")).to_have_text("1 waiting")


def test_a_card_that_no_longer_matches_stays_in_place_and_the_count_says_so(board, moving):
    board.locator("[data-show=available]").click()
    expect(card(board, 1)).to_be_visible()
    count = int(board.locator("[data-show=available] .count").text_content())
    moving.sense(1, False)
    expect(card(board, 1)).to_have_attribute("data-state", "away")
    expect(board.locator("[data-show=available] .count")).to_have_text(str(count - 1))
    moving.sense(4, True)
    moving.settle(p4="available")
    expect(board.locator("[data-show=available] .count")).to_have_text(str(count))
    expect(card(board, 4)).to_have_count(0)
    board.locator("[data-show=available]").click()
    expect(card(board, 4)).to_be_visible()
    expect(card(board, 1)).to_have_count(0)
    moving.sense(4, False)


def test_nothing_changes_under_a_finger(board, moving):
    box = card(board, 1).bounding_box()
    board.mouse.move(box["x"] + 20, box["y"] + 20)
    board.mouse.down()
    count = int(board.locator("[data-show=here] .count").text_content())
    moving.sense(1, False)
    expect(board.locator("[data-show=here] .count")).to_have_text(str(count - 1))
    expect(card(board, 1)).to_have_attribute("data-state", "available")
    # The finger slides off before it lifts, so the card doesn't open.
    board.mouse.move(5, 590)
    board.mouse.up()
    expect(card(board, 1)).to_have_attribute("data-state", "away")


@pytest.mark.parametrize("path", ["/kiosk", "/", "/hall"])
def test_the_banner_comes_within_five_seconds_of_a_cut_and_goes_when_contact_returns(path, moving, proxy, browse):
    moving.sense(1, True)
    moving.settle(p1="available")
    page = live(browse(f"{proxy.url}{path}"))
    below = page.locator("#people")
    place = below.bounding_box()
    said = page.evaluate_handle(
        """() => { const said = []; const node = document.getElementById('announce');
            new MutationObserver(() => said.push(node.textContent)).observe(node, { childList: true }); return said }"""
    )
    page.evaluate(STALLS)
    proxy.cut()
    before = time.monotonic()
    expect(page.locator("#live-word")).to_have_text("Not live.")
    taken, stalled = time.monotonic() - before, page.evaluate("window.stalled") / 1000
    assert taken <= 5 + stalled, f"{taken:.1f} s, of which the page could not run for {stalled:.1f} s"
    expect(page.locator("#live-text")).to_contain_text("No contact with the server since")
    expect(card(page, 1).locator(".word")).to_have_text("Was available")
    assert below.bounding_box() == place, "the banner moved the board"
    proxy.mend()
    expect(page.locator("#live-word")).to_have_text("Live")
    expect(card(page, 1).locator(".word")).to_have_text("Available")
    assert said.json_value() == ["Not live.", "Live again. Everything below is current."]


def test_a_silent_connection_is_not_live_either(proxy, browse):
    page = live(browse(f"{proxy.url}/kiosk"))
    # No connection is closed: the bytes just stop, as behind a router without power.
    proxy.lock.acquire()
    try:
        expect(page.locator("#live-word")).to_have_text("Not live.")
    finally:
        proxy.lock.release()
    expect(page.locator("#live-word")).to_have_text("Live")


@pytest.mark.parametrize("path", ["/kiosk", "/", "/hall"])
def test_a_server_without_its_data_is_not_live_and_no_page_flaps(path, moving, browse):
    page = live(browse(f"{moving.url}{path}"))
    watch = """() => { const said = []; const node = document.getElementById('live-word');
        new MutationObserver(() => said.push(node.textContent)).observe(node, { childList: true }); return said }"""
    said = page.evaluate_handle(watch)
    moving.lose_data()
    try:
        expect(page.locator("#live-word")).to_have_text("Not live.")
        fresh = browse(f"{moving.url}{path}")
        expect(fresh.locator("#live-word")).to_have_text("Not live.")
        expect(fresh.locator("#live-text")).to_contain_text("no word from its data since")
        heard = fresh.evaluate_handle(watch)
        for _ in range(3):
            with fresh.expect_response("**/api/v1/events*") as answer:
                pass
            assert answer.value.status == 503
        assert said.json_value() == ["Not live."]
        assert heard.json_value() == []
    finally:
        moving.find_data()
    for each in (page, fresh):
        expect(each.locator("#live-word")).to_have_text("Live")


@pytest.mark.parametrize(
    ("path", "viewport"),
    [
        ("/", PHONE),
        ("/?department=College%20of%20Science", PHONE),
        ("/", DESK),
        ("/faculty/1", PHONE),
        ("/faculty/1", DESK),
    ],
)
def test_the_banner_moves_nothing(path, viewport, proxy, browse):
    page = live(browse(f"{proxy.url}{path}", viewport))
    below = page.locator("#people, #sheet")
    place = below.bounding_box()
    proxy.cut()
    expect(page.locator("html[data-stale]")).to_be_visible()
    assert below.bounding_box() == place


@pytest.mark.parametrize("path", ["/kiosk", "/", "/hall", "/faculty/1"])
def test_a_server_without_its_data_says_so_without_script_too(path, dataless, browse):
    page = browse(f"{dataless.url}{path}", java_script_enabled=False)
    expect(page.locator("#live-word")).to_be_visible()
    expect(page.locator("#live-word")).to_have_text("Not live.")
    expect(page.locator("#live-text")).to_contain_text("no word from its data since")


def event(kind, revision, cards):
    data = {"revision": revision, "cards": cards, "removed": []}
    return f"event: {kind}\nid: {revision}\ndata: {json.dumps(data)}\n\n"


def test_an_older_revision_is_never_drawn(moving, proxy, browse):
    moving.sense(1, True)
    moving.settle(p1="available")
    old = moving.list()
    page = live(browse(f"{proxy.url}/kiosk"))
    moving.sense(1, False)
    expect(card(page, 1)).to_have_attribute("data-state", "away")
    page.evaluate(
        """() => { window.seen = []; const node = document.getElementById('card-1');
            new MutationObserver(() => window.seen.push(node.dataset.state))
                .observe(node, { attributeFilter: ['data-state'] }) }"""
    )

    def replay():
        for kind in ("change", "snapshot"):
            proxy.inject(event(kind, old["revision"], old["faculty"]))

    replay()
    proxy.cut()
    expect(page.locator("#live-word")).to_have_text("Not live.")
    proxy.mend()
    expect(page.locator("#live-word")).to_have_text("Live")
    replay()
    # A change that arrives after the replayed events shows that the page read and skipped them.
    moving.sense(2, False)
    expect(card(page, 2)).to_have_attribute("data-state", "away")
    moving.sense(2, True)
    expect(card(page, 2)).not_to_have_attribute("data-state", "away")
    assert page.evaluate("window.seen") == []
    expect(card(page, 1)).to_have_attribute("data-state", "away")


def test_a_reconnect_asks_for_what_it_missed(moving, proxy, browse):
    moving.sense(1, True)
    moving.settle(p1="available")
    page = live(browse(f"{proxy.url}/kiosk"))
    proxy.cut()
    expect(page.locator("#live-word")).to_have_text("Not live.")
    moving.sense(1, False)
    moving.settle(p1="away")
    proxy.requests.clear()
    proxy.mend()
    expect(card(page, 1).locator(".word")).to_have_text("Away")
    streams = [request for request in proxy.requests if request.startswith("/api/v1/events")]
    assert streams and all("after=" in request for request in streams), streams


def test_another_past_is_believed_only_whole(moving, proxy, browse):
    moving.sense(1, True)
    moving.settle(p1="available")
    page = live(browse(f"{proxy.url}/kiosk"))
    page.evaluate(
        """() => { window.rings = 0; new MutationObserver(() => { window.rings += 1 })
            .observe(document.getElementById('people'), { attributeFilter: ['data-changed'], subtree: true }) }"""
    )
    cards = [person | {"availability": "out", "source": "own-word"} for person in moving.faculty()]
    proxy.inject("event: reset\ndata: {}\n\n" + event("snapshot", "anotherpast0-1", cards))
    expect(card(page, 1)).to_have_attribute("data-state", "out")
    assert page.evaluate("window.rings") == 0
    # The server continues in its own lineage, which is now foreign to the page, so the page asks for everything.
    expect(card(page, 1)).to_have_attribute("data-state", "available")


def test_a_sheet_follows_its_person(moving, browse):
    moving.sense(1, True)
    moving.settle(p1="available")
    page = live(browse(f"{moving.url}/faculty/1?at=kiosk"))
    expect(page.locator("#sheet .word")).to_have_text("Available")
    moving.sense(1, False)
    expect(page.locator("#sheet .word")).to_have_text("Away")
    expect(page.locator("#sheet")).to_contain_text("Beacon, live.")
