# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""demo: its database is its own; no other server uses it, and it uses no other server's."""

import json
import signal
import urllib.request

import pytest


@pytest.fixture()
def demo(empty):
    """Runs a demonstration and returns its address."""
    place = ["--data", str(empty.data), "--database", f"sqlite:{empty.database}.demo"]
    with empty.start("demo", *place, "--json", "--listen", "127.0.0.1:0") as process:
        announcement = process.stdout.readline()
        assert announcement, process.stderr.read().decode()
        yield json.loads(announcement)["url"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def people(url: str) -> int:
    with urllib.request.urlopen(f"{url}/api/v1/faculty", timeout=5) as answer:
        return len(json.load(answer)["faculty"])


def test_a_second_demo_on_the_same_file_is_refused_and_takes_nothing_away(empty, demo):
    file = empty.database.with_name("consultease.sqlite.demo")
    inode = file.stat().st_ino
    outcome = empty.run("demo", "--data", str(empty.data.parent / "other"), "--database", f"sqlite:{file}", expect=1)
    assert "another consultease serves" in outcome.err and file.name in outcome.err
    assert file.stat().st_ino == inode
    assert people(demo) == 27


def test_a_second_demo_on_the_same_folder_is_refused(empty, demo):
    assert "another consultease serves" in empty.run("demo", "--data", str(empty.data), expect=1).err
    assert people(demo) == 27


def test_real_data_is_left_alone(office):
    office.add()
    outcome = office.run("demo", "--data", str(office.data), expect=1)
    assert "holds real data" in outcome.err
    assert len(office.people()) == 1


@pytest.mark.parametrize(
    "flags, environment",
    [
        (["--database", "postgres://u@127.0.0.1:1/x"], {}),
        ([], {"CONSULTEASE_DATABASE": "postgres://u@127.0.0.1:1/x"}),
        ([], {"CONSULTEASE_BROKER": "mqtt://u@127.0.0.1"}),
    ],
    ids=["a server as a flag", "a server in the environment", "a broker of one's own"],
)
def test_an_option_that_a_demo_can_not_use_is_a_usage_error(empty, flags, environment):
    outcome = empty.run("demo", "--data", str(empty.data), *flags, expect=64, **environment)
    assert "of its own" in outcome.err
    assert not empty.data.exists()
