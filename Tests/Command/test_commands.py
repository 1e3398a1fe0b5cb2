# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Every command: its help, its usage errors, and its message without a database."""

import re
import shlex

import pytest
from harness import REPOSITORY


def commands(empty, *above: str):
    """Returns every command with its help, as its parent's help lists them."""
    text = empty.run(*above, "--help").out
    yield above, text
    listed = re.search(r"^SUBCOMMANDS:\n((?: .*\n)+)", text, re.MULTILINE)
    for name in re.findall(r"^  ([a-z-]+)", listed[1] if listed else "", re.MULTILINE):
        yield from commands(empty, *above, name)


def test_the_help_of_every_command_has_examples_of_it(empty):
    found = dict(commands(empty))
    assert {("serve",), ("unit", "professor-status"), ("import", "faculty")} <= found.keys()
    for command, text in found.items():
        assert f"consultease {' '.join(command)}" in text.partition("USAGE:")[0], command
        # Only the top-level help has no examples: it shows the first steps instead.
        assert not command or re.search(r"^examples?:?$", text, re.MULTILINE | re.IGNORECASE), command


def examples(text: str) -> list[str]:
    """Returns the lines below `Examples:` of each command, as a shell would read them."""
    found = re.search(r"^(?:Examples?|A first look.*):$\n((?:^  .*\n)+)", text, re.MULTILINE)
    assert found, text
    # A wrapped line would continue without the indentation.
    assert text[found.end()] == "\n", text[found.start() : found.end() + 80]
    return found[1].replace("\\\n", "").splitlines()


def test_examples_can_be_pasted(empty):
    """A terminal would wrap a longer line, and each half would be a command of its own."""
    helps = dict(commands(empty))
    for text in helps.values():
        for line in examples(text):
            shell = shlex.split(line, comments=True)
            given = shell[shell.index("consultease") + 1 :]
            name = max((name for name in helps if tuple(given[: len(name)]) == name), key=len)
            offered = set(re.findall(r"^  (--[a-z0-9-]+)", helps[name], re.MULTILINE))
            assert name and {word for word in given if word.startswith("--")} <= offered, line


@pytest.mark.parametrize(
    "command, offered, not_offered",
    [
        ("serve", {"--database", "--listen", "--broker", "--desks", "--open-desks", "--instance", "--otlp"}, set()),
        (
            "broker",
            {"--data", "--config", "--log-level", "--desks", "--open-desks"},
            {"--database", "--listen", "--broker", "--broker-ca", "--instance", "--metrics", "--otlp"},
        ),
        ("demo", {"--database", "--listen", "--desks", "--metrics", "--otlp"}, {"--broker", "--broker-ca"}),
    ],
)
def test_the_help_offers_what_the_command_uses(empty, command, offered, not_offered):
    flags = set(re.findall(r"^  (--[a-z-]+)", empty.run(command, "--help").out, re.MULTILINE))
    assert offered <= flags and not flags & not_offered


def test_the_help_of_a_demo_has_its_own_defaults(empty):
    text = " ".join(empty.run("demo", "--help").out.split())
    assert "Default: consultease-demo." in text and "Default: consultease-data." not in text
    assert "127.0.0.1:1883" not in text and "or a free port where that is taken" in text


def test_the_rules_that_wire_names_are_there(empty):
    path = re.search(r"docs/[a-z/]+\.md", empty.run("wire", "--help").out)[0]
    assert re.search(r"^17\. ", (REPOSITORY / path).read_text(), re.MULTILINE)


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
        ["load"],
        ["load", "--plant", "stale-subscriber", "--database", "x.sqlite"],
        ["load", "--plant", "lost-answer", "--http", "http://127.0.0.1:1"],
        ["broker", "--database", "sqlite:x"],
        ["demo", "--broker", "mqtt://127.0.0.1"],
    ],
    ids=" ".join,
)
def test_usage_errors_end_with_64(office, arguments):
    assert office.run(*arguments, expect=64).err
