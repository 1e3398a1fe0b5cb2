# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A browser that doesn't know the university's time zone: the page lives on, and tells the time as the server does."""

import re

from conftest import live
from playwright.sync_api import expect

# As a browser older than the zone's name does.
REFUSES_ZONES = """() => { const known = Intl.DateTimeFormat
    Intl.DateTimeFormat = function (language, options) {
        if (options && options.timeZone) throw new RangeError(`Invalid time zone specified: ${options.timeZone}`)
        return new known(language, options)
    } }"""


def test_a_zone_that_the_browser_does_not_know_stops_nothing(moving, browse):
    moving.sense(1, True)
    moving.settle(p1="available")
    page = browse("about:blank")
    page.add_init_script(f"({REFUSES_ZONES})()")
    known = live(browse(f"{moving.url}/kiosk"))
    page.goto(f"{moving.url}/kiosk")
    live(page)
    # A change is drawn by the script, its time in the zone of the server.
    moving.sense(1, False)
    line = page.locator("#card-1 .line")
    expect(page.locator("#card-1")).to_have_attribute("data-state", "away")
    expect(line).to_have_text(re.compile(r"\d{1,2}:\d{2}"))
    expect(known.locator("#card-1 .line")).to_have_text(line.text_content())
