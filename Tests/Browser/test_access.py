# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Accessibility of the screens: axe, target sizes, text sizes, greyscale, motion, keyboard."""

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import DESK, HALL, KIOSK, NARROW, PHONE, SIZES, live
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import expect

LANGUAGES = ["en", "fil"]
STATES = ["available", "busy", "in-consultation", "away", "out", "unknown"]


def violations(page, *, but=()):
    return [
        f"{found['id']}: {[node['html'][:160] for node in found['nodes']]}"
        for found in Axe().run(page).response["violations"]
        if found["id"] not in but
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path", ["/kiosk", "/", "/hall", "/faculty/1?at=kiosk", "/faculty/6", "/kiosk?q=nobody", "/faculty/999"]
)
def test_axe_finds_nothing(path, language, office, browse):
    screen = path.split("?")[0]
    page = browse(f"{office.url}{path}{'&' if '?' in path else '?'}lang={language}", SIZES.get(screen, PHONE))
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert violations(page) == []


@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_axe_finds_nothing_in_other_colours(options, office, browse):
    assert violations(live(browse(f"{office.url}/", DESK, **options))) == []


@pytest.mark.parametrize("path", SIZES)
def test_axe_finds_nothing_while_not_live(path, proxy, browse):
    page = live(browse(f"{proxy.url}{path}", SIZES[path]))
    proxy.cut()
    expect(page.locator("#live-word")).to_have_text("Not live.")
    page.wait_for_timeout(300)  # grounds change within 180 ms; a half-way colour is nobody's choice
    assert violations(page) == []


@pytest.mark.parametrize("size", [100, 200])
@pytest.mark.parametrize("path", ["/kiosk", "/", "/faculty/3", "/faculty/3?at=kiosk"])
def test_axe_finds_nothing_while_the_server_lacks_its_data(path, size, dataless, browse):
    page = browse(f"{dataless.url}{path}{'&' if '?' in path else '?'}size={size}", SIZES.get(path, PHONE))
    expect(page.locator("#live-word")).to_have_text("Not live.")
    assert violations(page) == []


@pytest.mark.parametrize("path", SIZES)
def test_an_unavailable_page_is_readable_and_reloads_itself_on_unattended_screens(path, office, browse):
    lineage, number = office.list()["revision"].rsplit("-", 1)
    page = browse(f"{office.url}{path}?at-least={lineage}-{int(number) + 100_000}", SIZES[path])
    expect(page.get_by_role("heading")).to_have_text("The server cannot answer now")
    assert page.evaluate(CUT) == []
    # A page must not reload while a person may be reading it; an unattended one has no other way back.
    assert violations(page, but=["meta-refresh"] if path != "/" else []) == []
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0 if path == "/" else 1)
    expect(page.get_by_role("link", name="Reload")).to_have_count(0 if path == "/hall" else 1)
    expect(page.locator("main > .icon")).to_have_css(
        "color", "rgb(255, 138, 80)" if path == "/hall" else "rgb(181, 67, 0)"
    )


def test_forced_colours_keep_what_dashes_say(office, browse):
    page = live(browse(f"{office.url}/kiosk", forced_colors="active", reduced_motion="reduce"))
    for person, style in ((1, "solid"), (4, "solid"), (6, "dashed")):
        expect(page.locator(f"#card-{person}")).to_have_css("border-top-style", style)
    ring = "(card) => getComputedStyle(card, '::after').borderTopColor"
    assert page.locator("#card-6").evaluate(ring) == "rgba(0, 0, 0, 0)", "the ring of a change is always there"
    page.locator("#card-6").evaluate("(card) => card.toggleAttribute('data-changed', true)")
    assert page.locator("#card-6").evaluate(ring) == "rgb(0, 0, 0)"


# This finds targets that a finger would miss: name, width and height of every target below 64 px.
TARGETS = """() => {
    const found = [];
    for (const node of document.querySelectorAll('a, button, summary, input, [tabindex="0"]')) {
        if (!node.checkVisibility() || node.matches('.skip')) continue;
        const { width, height } = (node.closest('.field') ?? node).getBoundingClientRect();
        if (width < 63.95 || height < 63.95) found.push([node.textContent.trim() || node.id, width, height]);
    }
    return found;
}"""


@pytest.mark.parametrize("size", [100, 125, 150, 200])
@pytest.mark.parametrize("path", ["/kiosk?", "/faculty/1?at=kiosk&", "/kiosk?q=nobody&"])
def test_a_kiosk_has_targets_for_fingers(path, size, office, browse):
    assert browse(f"{office.url}{path}size={size}").evaluate(TARGETS) == []


def test_a_kiosk_s_menu_and_letters_are_for_fingers_too(office, browse):
    page = live(browse(f"{office.url}/kiosk"))
    page.locator("summary").click()
    assert page.evaluate(TARGETS) == []
    page.keyboard.press("Escape")
    page.locator(".field").click()
    expect(page.get_by_role("button", name="q", exact=True)).to_be_visible()
    assert page.evaluate(TARGETS) == []


def test_a_kiosk_not_live_offers_a_target_for_fingers(proxy, browse):
    page = live(browse(f"{proxy.url}/kiosk"))
    proxy.cut()
    expect(page.locator("#reload-rail")).to_be_visible()
    assert page.evaluate(TARGETS) == []


# This finds every text that is cut, outside its card or the screen, or on another text of its card.
CUT = """() => {
    const found = [];
    const all = 'h1, h2, p, a, dt, dd, b, summary, .name, .second, .word, .line, .evidence, .label, .count';
    const isRead = (node) => node.checkVisibility({ visibilityProperty: true }) && node.textContent.trim()
        && !node.closest('.unseen, .skip, dialog');
    const note = (what, ...nodes) => found.push([what, ...nodes.map((node) => node.textContent.trim())].join(': '));
    const box = (node) => node.getBoundingClientRect();
    for (const node of [...document.querySelectorAll(all)].filter(isRead)) {
        const { left, right, top, bottom } = box(node);
        const style = getComputedStyle(node);
        if (left < -1 || right > innerWidth + 1) note('off the screen', node);
        // Evidence gives way to the name: its icon stays, its words are whole or out of sight.
        const hides = (axis) => axis !== 'visible' && !node.matches('.evidence');
        const [isCutAcross, isCutBelow] = [hides(style.overflowX), hides(style.overflowY)];
        if (isCutAcross && node.clientWidth && node.scrollWidth > node.clientWidth + 1) note('cut', node);
        if (isCutBelow && node.clientHeight && node.scrollHeight > node.clientHeight + 2) note('cut below', node);
        const holder = node.closest('.card, .pages > *, .segmented a, .button');
        if (!holder || holder === node) continue;
        const frame = box(holder);
        if (top < frame.top - 1 || bottom > frame.bottom + 1) note('above or below its box', node);
        if (left < frame.left - 1 || right > frame.right + 1) note('beside its box', node);
    }
    for (const card of document.querySelectorAll('.card')) {
        const parts = [...card.querySelectorAll('.name, .second, .evidence, .word, .line')].filter(isRead);
        parts.forEach((one, at) => parts.slice(at + 1).forEach((other) => {
            const [a, b] = [box(one), box(other)];
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (across > 1 && down > 2) note('on each other', one, other);
        }));
    }
    for (const node of [...document.querySelectorAll('.name, .word')].filter(isRead)) {
        const text = node.firstChild;
        for (const part of text.data.matchAll(/[^\\s-]+-?/g)) {
            const range = document.createRange();
            range.setStart(text, part.index);
            range.setEnd(text, part.index + part[0].length);
            if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) note('broken', node);
        }
    }
    const field = document.querySelector('input[placeholder]');
    if (field) {
        const pen = document.createElement('canvas').getContext('2d');
        pen.font = getComputedStyle(field).font;
        if (pen.measureText(field.placeholder).width > field.clientWidth + 1) note('cut hint', field.closest('label'));
    }
    const banner = document.querySelector('[data-stale] .status, [data-stale] .freshness, [data-stale] .top');
    const said = document.querySelector('.freshness > span');
    const isWithin = (one, other) => box(one).top >= box(other).top && box(one).bottom <= box(other).bottom;
    if (banner && !isWithin(said, banner)) note('over the edge', said);
    const [brand, menu] = ['.brand span', '.menu summary span:not(.unseen)'].map((one) => document.querySelector(one));
    const [first, second] = [brand, menu].map((node) => node && isRead(node) && box(node));
    if (first && second && first.bottom > second.top && first.right > second.left) note('on each other', brand, menu);
    for (const tab of document.querySelectorAll('.pages > *, .button, .segmented a')) {
        if (isRead(tab) && tab.scrollHeight > tab.clientHeight + 1) note('fuller than its box', tab);
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
    return found;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [100, 125, 150, 200])
@pytest.mark.parametrize(
    "screen",
    ["kiosk", "kiosk page 2", "kiosk of a department", "phone", "narrow phone", "desk", "sheet", "sheet on a phone"],
)
def test_nothing_is_cut_or_overlaps_at_any_text_size(screen, size, language, office, awkward, browse):
    path, viewport = {
        "kiosk": ("/kiosk?", KIOSK),
        "kiosk page 2": ("/kiosk?page=2&", KIOSK),
        "kiosk of a department": ("/kiosk?department=College%20of%20Science%20and%20Engineering&", KIOSK),
        "phone": ("/?", PHONE),
        "narrow phone": ("/?", NARROW),
        "desk": ("/?", DESK),
        "sheet": ("/faculty/6?at=kiosk&", KIOSK),
        "sheet on a phone": ("/faculty/3?", PHONE),
    }[screen]
    for server in (office, awkward):
        assert browse(f"{server.url}{path}size={size}&lang={language}", viewport).evaluate(CUT) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_on_a_hall_display(language, office, awkward, browse):
    for server in (office, awkward):
        for viewport in (SIZES["/hall"], {"width": 1280, "height": 720}):
            assert browse(f"{server.url}/hall?lang={language}", viewport).evaluate(CUT) == []


@pytest.mark.parametrize(
    ("path", "viewport"),
    [("/kiosk?", KIOSK), ("/kiosk?size=150&lang=fil&", KIOSK), ("/?lang=fil&", PHONE), ("/?", DESK), ("/hall?", HALL)],
)
def test_nothing_is_cut_in_the_live_line_or_the_banner(path, viewport, proxy, browse):
    page = live(browse(f"{proxy.url}{path}", viewport))
    assert page.evaluate(CUT) == []
    proxy.cut()
    expect(page.locator("html[data-stale]")).to_be_visible()
    assert page.evaluate(CUT) == []
    banner, text = page.locator(".freshness").bounding_box(), page.locator("#live-text").bounding_box()
    assert banner["y"] <= text["y"] + 1 and text["y"] + text["height"] <= banner["y"] + banner["height"] + 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "viewport", "sizes"),
    [
        ("/kiosk?", KIOSK, (100, 125, 150, 200)),
        ("/?", PHONE, (100, 200)),
        ("/?", NARROW, (100, 200)),
        ("/?", DESK, (100, 200)),
        ("/hall?", HALL, (100,)),
        ("/faculty/3?", PHONE, (100, 200)),
    ],
)
def test_nothing_is_cut_while_the_server_lacks_its_data(path, viewport, sizes, language, dataless, browse):
    for size in sizes:
        page = browse(f"{dataless.url}{path}size={size}&lang={language}", viewport)
        expect(page.locator("html[data-stale]")).to_be_visible()
        assert page.evaluate(CUT) == [], f"at {size} %"


def test_larger_text_is_larger_and_no_card_is_lost(awkward, browse):
    heights = []
    for size in (100, 125, 150, 200):
        page = browse(f"{awkward.url}/kiosk?size={size}")
        heights.append(float(page.evaluate("parseFloat(getComputedStyle(document.querySelector('.word')).fontSize)")))
        seen = set()
        while True:
            seen |= set(page.eval_on_selector_all(".card", "(all) => all.map((card) => card.dataset.id)"))
            following = page.locator("[data-turn][aria-current] + [data-turn], .range + [data-turn]")
            if following.count() == 0 or len(seen) == 9:
                break
            following.click()
        assert len(seen) == 9, f"at {size} %"
    assert heights == pytest.approx([17, 21.25, 25.5, 32], abs=0.1)


def test_states_differ_without_colour(office, browse):
    page = live(browse(f"{office.url}/kiosk"))
    page.context.new_cdp_session(page).send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})
    marks, words = [], set()
    for person, state in enumerate(STATES, 1):
        card = page.locator(f"#card-{person}")
        expect(card).to_have_attribute("data-state", state)
        words.add(card.locator(".word").text_content())
        mark = Image.open(io.BytesIO(card.locator(".mark").screenshot())).convert("RGB")
        red, green, blue = mark.split()
        assert max(ImageStat.Stat(ImageChops.difference(red, green)).mean) < 2, "there is colour left"
        assert max(ImageStat.Stat(ImageChops.difference(red, blue)).mean) < 2, "there is colour left"
        marks.append(mark.convert("L"))
    assert len(words) == 6
    for at, one in enumerate(marks):
        for other in marks[at + 1 :]:
            difference = ImageStat.Stat(ImageChops.difference(one, other.resize(one.size))).mean[0]
            assert difference > 12, "two marks look alike in grey"


MOVING = """() => {
    const isMoving = (node, part) => {
        const { transitionDuration, animationName } = getComputedStyle(node, part);
        return transitionDuration.split(',').some((time) => parseFloat(time) > 0) || animationName !== 'none';
    };
    return [...document.querySelectorAll('*')]
        .filter((node) => [null, '::before', '::after'].some((part) => isMoving(node, part)))
        .map((node) => node.outerHTML.slice(0, 80));
}"""


@pytest.mark.parametrize("path", SIZES)
def test_reduced_motion_is_no_motion(path, office, browse):
    page = live(browse(f"{office.url}{path}", SIZES[path], reduced_motion="reduce"))
    moving = page.evaluate(MOVING)
    assert moving == []


FOCUSED = """() => {
    const node = document.activeElement;
    const ring = parseFloat(getComputedStyle(node.closest('.field') ?? node).outlineWidth);
    const { show, turn, keep } = node.dataset;
    const kind = show ? 'filter' : turn ? 'page' : keep ?? (node.id || node.localName);
    return { id: node.id, ring, kind };
}"""


def focused(page):
    return page.evaluate(FOCUSED)


def test_the_board_can_be_walked_by_keyboard_alone(office, browse):
    page = live(browse(f"{office.url}/kiosk"))
    order = []
    for _ in range(20):
        page.keyboard.press("Tab")
        order.append(focused(page))
        assert order[-1]["ring"] >= 3, f"no ring on {order[-1]}"
        if order[-1]["kind"] == "size":
            break
    kinds = [at["kind"] for at in order]
    assert kinds == ["a", "find", "filter", "summary", "card-1", "page", "page", "page", "lang", "size"]

    page.locator("[data-show=everyone]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[data-show=here]")).to_have_attribute("aria-current", "true")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")

    page.locator(".card").first.focus()
    cards = page.eval_on_selector_all(".card", "(all) => all.map((card) => card.id)")
    for key, at in [("ArrowRight", 1), ("ArrowDown", 4), ("ArrowLeft", 3), ("ArrowUp", 0), ("End", 8), ("Home", 0)]:
        page.keyboard.press(key)
        assert focused(page)["id"] == cards[at], key
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_be_visible()
    live(page).keyboard.press("Escape")
    expect(page.locator(f"#{cards[0]}")).to_be_focused()


def test_keys_find_a_person_and_say_what_they_do(office, browse):
    page = live(browse(f"{office.url}/kiosk"))
    page.keyboard.press("/")
    page.keyboard.type("baut")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator("#announce")).to_have_text("1 person")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(9)
    page.locator("body").press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
