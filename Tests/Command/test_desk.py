# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""desk: a simulated unit in a terminal, and its message if there is no broker."""

import re

from harness import free_port


def test_why_there_is_no_connection_is_said_as_a_person_reads_it(empty):
    outcome = empty.run("desk", "--broker", f"mqtt://127.0.0.1:{free_port()}", stdin=b"wait 1\nin\n", expect=1)
    assert "not connected: connection refused" in outcome.out
    assert "errno" not in outcome.out and "target:" not in outcome.out


def test_an_unknown_host_name_is_said_as_a_person_reads_it(empty):
    outcome = empty.run("desk", "--broker", "mqtt://nowhere.invalid", stdin=b"wait 2\nin\n", expect=1)
    assert re.search("not connected: (name or service not known|temporary failure in name resolution)\\b", outcome.out)
    assert "(error" not in outcome.out and "nowhere.invalid, port" not in outcome.out
