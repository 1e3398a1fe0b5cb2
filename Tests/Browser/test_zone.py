# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""In a browser that doesn't know the university's time zone, the page works and shows the server's local time."""

import re

from conftest import live
from playwright.sync_api import expect

# The page behaves as in a browser that is older than the zone's name.
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
    # The script draws a change, with its time in the server's zone.
    moving.sense(1, False)
    line = page.locator("#card-1 .line")
    expect(page.locator("#card-1")).to_have_attribute("data-state", "away")
    expect(line).to_have_text(re.compile(r"\d{1,2}:\d{2}"))
    expect(known.locator("#card-1 .line")).to_have_text(line.text_content())
