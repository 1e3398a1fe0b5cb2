# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Commands beside a server, beside each other, and beside a program that holds the database."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import at_least


def test_a_database_that_stays_locked_is_told_with_the_remedy(office):
    other = sqlite3.connect(office.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    outcome = office.run("faculty", "add", "--name", "A B", "--department", "X", expect=1)
    other.execute("ROLLBACK")
    other.close()
    assert "try again" in outcome.err
    assert office.people() == {}


def test_a_running_server_shows_what_a_command_wrote_at_its_revision(office, server):
    added = office.add()
    url = f"{server.url}/api/v1/faculty/{added['id']}"
    assert at_least(url, added["revision"])["name"] == "Dr. Ana Reyes"
    said = office.json("faculty", "override", "1", "busy")
    assert at_least(url, said["revision"])["availability"] == "busy"


@pytest.mark.usefixtures("server")
def test_commands_at_once_each_get_an_id_and_a_revision_of_their_own(office):
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda number: office.add(f"Person {number}"), range(16)))
    assert {item["id"] for item in added} == set(range(1, 17))
    assert len({item["revision"] for item in added}) == 16
