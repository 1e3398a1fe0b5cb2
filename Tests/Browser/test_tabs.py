# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Several pages of one browser, hidden pages, and a kiosk that a reader has left."""

from conftest import KIOSK, PHONE, live
from harness import eventually
from playwright.sync_api import expect

# This makes the page believe that it is hidden or shown, as a browser with tabs does.
SHOW = """(state) => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange')) }"""


def streams(proxy) -> list[str]:
    return [request for request in proxy.requests if request.startswith("/api/v1/events")]


def state(page, person: int):
    return page.locator(f"#card-{person}")


def test_eight_pages_of_one_browser_share_a_stream_and_all_live(moving, proxy, browse):
    moving.sense(1, True)
    moving.settle(p1="available")
    first = live(browse(f"{proxy.url}/kiosk"))
    pages = [first]
    for _ in range(7):
        page = first.context.new_page()
        page.goto(f"{proxy.url}/")
        pages.append(live(page))
    eventually(lambda: len(proxy.streams) >= 1)
    moving.sense(1, False)
    for page in pages:
        expect(state(page, 1)).to_have_attribute("data-state", "away")
    open_streams = len([stream for stream in proxy.streams if stream.client.fileno() >= 0])
    assert open_streams == 1, f"{open_streams} streams for one browser"
    # The leading page closes: another one takes over, and no event is missed.
    first.close()
    moving.sense(1, True)
    for page in pages[1:]:
        expect(state(page, 1)).to_have_attribute("data-state", "available")
        live(page)


def test_a_page_that_joins_from_an_older_revision_misses_nothing(moving, browse):
    moving.sense(1, True)
    moving.sense(2, True)
    moving.settle(p1="available", p2="available")
    first = live(browse(f"{moving.url}/"))
    late = first.context.new_page()
    # The page's script runs only after the board has changed.
    late.route(
        "**/assets/board.js*", lambda route: (moving.sense(2, False), moving.settle(p2="away"), route.continue_())
    )
    late.goto(f"{moving.url}/")
    expect(state(late, 2)).to_have_attribute("data-state", "away")
    live(late)
    live(first)
    expect(state(first, 2)).to_have_attribute("data-state", "away")


def test_pages_of_several_departments_do_not_use_up_the_connections(moving, browse):
    first = live(browse(f"{moving.url}/"))
    pages = [first]
    for number in range(8):
        for page in pages:
            page.evaluate(SHOW, "hidden")
        page = first.context.new_page()
        page.goto(
            f"{moving.url}/?department={'Engineering' if number % 2 else 'College%20of%20Science'}&page={number + 1}"
        )
        pages.append(live(page))
    pages[-1].evaluate(SHOW, "hidden")
    first.evaluate(SHOW, "visible")
    live(first)


def test_a_page_that_was_hidden_for_long_says_so_and_is_true_again_when_shown(moving, proxy, browse):
    moving.sense(1, True)
    moving.settle(p1="available")
    page = browse("about:blank")
    page.clock.install()
    page.goto(f"{proxy.url}/")
    live(page)
    page.evaluate(SHOW, "hidden")
    page.clock.fast_forward(61_000)
    expect(page.locator("html[data-stale]")).to_be_attached()
    eventually(lambda: not [stream for stream in proxy.streams if stream.client.fileno() >= 0])
    # The page does not retry while it is hidden: a later request of its own comes first.
    proxy.requests.clear()
    page.clock.run_for(20_000)
    page.evaluate("() => fetch('/health/live').then(() => true)")
    assert streams(proxy) == []
    moving.sense(1, False)
    moving.settle(p1="away")
    page.evaluate(SHOW, "visible")
    expect(state(page, 1)).to_have_attribute("data-state", "away")
    live(page)


def test_a_leading_page_that_hangs_loses_the_lead(moving, browse):
    first = live(browse(f"{moving.url}/"))
    # The page holds the lock and no longer answers.
    first.evaluate("() => { BroadcastChannel.prototype.postMessage = () => {} }")
    second = first.context.new_page()
    second.goto(f"{moving.url}/")
    live(second)
    moving.sense(1, True)
    moving.settle(p1="available")
    expect(state(second, 1)).to_have_attribute("data-state", "available")


def test_a_kiosk_that_was_left_is_again_as_it_was_started(moving, browse):
    page = browse("about:blank", KIOSK)
    page.clock.install()
    home = f"{moving.url}/kiosk?department=Engineering"
    page.goto(home)
    live(page)
    for leave in ("[data-keep=lang]", "[data-keep=size]", "[data-show=here]", ".card"):
        page.locator(leave).first.click()
        page.clock.fast_forward(85_000)
        live(page)
        assert page.url != home
        page.clock.fast_forward(91_000)
        page.wait_for_url(home)
        live(page)
        expect(page.locator("html")).to_have_attribute("data-size", "100")
        expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_phone_stays_where_its_reader_is(moving, browse):
    page = browse("about:blank", PHONE)
    page.clock.install()
    page.goto(f"{moving.url}/faculty/1")
    live(page)
    page.clock.fast_forward(200_000)
    live(page)
    assert page.url == f"{moving.url}/faculty/1"
