# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Every command: its help, its usage errors, and what it says without a database."""

import pytest

COMMANDS = [
    [],
    ["faculty"],
    ["faculty", "add"],
    ["faculty", "list"],
    ["faculty", "show"],
    ["faculty", "set"],
    ["faculty", "override"],
    ["faculty", "archive"],
    ["unit"],
    ["unit", "add"],
    ["unit", "assign"],
    ["unit", "list"],
    ["unit", "credential"],
    ["unit", "professor-status"],
    ["import"],
    ["import", "faculty"],
    ["doctor"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_examples(empty, command):
    text = empty.run(*command, "--help").out
    assert "consultease " + " ".join(command) in text
    if command:
        assert "Example" in text


@pytest.mark.parametrize(
    "command",
    [
        ["faculty", "list"],
        ["faculty", "add", "--name", "A B", "--department", "X"],
        ["faculty", "override", "7", "none"],
        ["unit", "list"],
        ["unit", "credential", "desk-7"],
    ],
    ids=" ".join,
)
def test_without_a_database_the_remedy_is_named_and_none_is_made(empty, command):
    outcome = empty.run(*command, expect=1)
    assert "consultease serve" in outcome.err
    assert not empty.data.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["faculty", "add", "--name", "A B"],
        ["faculty", "add", "--department", "X"],
        ["faculty", "add", "--name", "A B", "--department", "X", "--unheard-of"],
        ["faculty", "show"],
        ["faculty", "show", "abc"],
        ["faculty", "show", "0"],
        ["faculty", "set", "1"],
        ["faculty", "override", "1", "lazy"],
        ["faculty", "override", "1", "busy", "--for", "soon"],
        ["faculty", "override", "1", "busy", "--for", "0m"],
        ["faculty", "override", "1", "busy", "--for", "400d"],
        ["faculty", "override", "1", "busy", "--until", "tomorrow"],
        ["faculty", "override", "1", "busy", "--until", "2099-01-01T10:00:00"],
        ["faculty", "override", "1", "busy", "--until", "2099-01-01T10:00:00Z", "--for", "1h"],
        ["faculty", "override", "1", "none", "--for", "1h"],
        ["unit", "add", "Desk 7"],
        ["unit", "add", "desk-7", "--dialect", "3"],
        ["unit", "assign", "desk-7"],
        ["unit", "assign", "desk-7", "--nobody", "--faculty", "1"],
        ["unit", "professor-status"],
        ["unit", "professor-status", "d1-1", "--nobody"],
        ["import", "people", "x.csv"],
        ["import", "faculty"],
        ["doctor", "--what"],
    ],
    ids=" ".join,
)
def test_usage_errors_end_with_64(office, arguments):
    assert office.run(*arguments, expect=64).err
