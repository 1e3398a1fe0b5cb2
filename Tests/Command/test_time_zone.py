# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The time zone: only names that browsers know are accepted, and the machine's own is read without guessing."""

import shutil
import subprocess
import urllib.request
from pathlib import Path

import harness
import pytest
from conftest import Installation
from test_doctor import examine, failed, quiet_port

ZONES = Path("/usr/share/zoneinfo")


def shown(office, **environment):
    return examine(office, *quiet_port(), **environment)["time-zone"]


@pytest.mark.parametrize("name", ["Asia/Manila", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+8", "Asia/Kolkata"])
def test_a_name_of_iana_is_taken_as_it_is(office, name):
    assert shown(office, CONSULTEASE_TIME_ZONE=name)["detail"].startswith(f"{name}, by the setting")


@pytest.mark.parametrize(
    "name",
    ["GMT+8", "GMT+0800", "PST", "asia/manila", "Factory", "localtime", "posix/Asia/Manila", "Asia/Manilla", "x"],
)
def test_a_name_that_a_browser_may_not_know_is_wrong_usage(office, name):
    for command in [["serve", *quiet_port()], ["doctor"], ["faculty", "list"]]:
        outcome = office.run(*command, expect=64, CONSULTEASE_TIME_ZONE=name)
        assert f'time.zone is "{name}"' in outcome.err and "Asia/Manila" in outcome.err


def test_pages_carry_the_name_and_the_offset(office):
    config = office.file("settings.json", '{"time": {"zone": "Asia/Manila"}}')
    server = harness.Server(office.binary, office.data, "--listen", "127.0.0.1:0", *quiet_port(), "--config", config)
    try:
        page = urllib.request.urlopen(f"{server.url}/kiosk").read().decode()
        assert '"zone":"Asia/Manila"' in page and '"zoneOffset":28800000' in page
    finally:
        server.stop()


class Machine:
    """A machine with its own /etc: the command runs in a mount namespace."""

    def __init__(self, office: Installation) -> None:
        self.office = office
        self.etc = office.data.parent / "etc"
        shutil.copytree("/etc", self.etc, symlinks=True, ignore_dangling_symlinks=True)
        for name in ["timezone", "localtime"]:
            (self.etc / name).unlink(missing_ok=True)
        # This stands in place of the binary.
        self.inside = office.data.parent / "inside"
        self.inside.write_text(
            "#!/bin/sh\n"
            f'exec unshare --mount sh -c \'mount --bind {self.etc} /etc && exec {office.binary} "$@"\' inside "$@"\n'
        )
        self.inside.chmod(0o755)
        self.installation = Installation(str(self.inside), office.data)

    def zone(self, expect: int = 0, **environment):
        return examine(self.installation, *quiet_port(), expect=expect, **environment)["time-zone"]


def may_unshare() -> bool:
    done = subprocess.run(["unshare", "--mount", "mount", "--bind", "/tmp", "/mnt"], capture_output=True)
    return done.returncode == 0


@pytest.fixture()
def machine(office, monkeypatch):
    if not may_unshare():
        pytest.skip("a mount namespace needs root")
    monkeypatch.delenv("TZ", raising=False)
    return Machine(office)


def test_the_machines_zone_is_read_from_etc_timezone(machine):
    (machine.etc / "timezone").write_text("# ours\nAsia/Manila\n")
    (machine.etc / "localtime").symlink_to(ZONES / "Asia/Manila")
    assert machine.zone()["detail"].startswith("Asia/Manila, by /etc/timezone")


@pytest.mark.parametrize("target", ["/usr/share/zoneinfo/Asia/Manila", "../usr/share/zoneinfo/Asia/Manila"])
def test_then_from_the_link(machine, target):
    (machine.etc / "timezone").write_text("GMT+8\n")
    (machine.etc / "localtime").symlink_to(target)
    assert machine.zone()["detail"].startswith("Asia/Manila, by the link")


def test_then_from_what_a_plain_file_is_a_copy_of(machine):
    shutil.copyfile(ZONES / "Asia/Manila", machine.etc / "localtime")
    found = machine.zone()
    assert found["detail"].startswith("Asia/Manila, by what /etc/localtime is a copy of")
    assert "and so does `date`" in found["detail"] and "UTC+08:00" in found["detail"]


def test_a_machine_without_a_zone_keeps_utc_as_date_does(machine):
    assert machine.zone()["detail"].startswith("UTC, since there is no /etc/localtime")


@pytest.mark.parametrize("content", [b"", b"TZif2 nonsense"])
def test_otherwise_it_is_asked_for_and_nothing_is_guessed(machine, content):
    (machine.etc / "localtime").write_bytes(content)
    found = machine.zone(expect=1)
    assert found["status"] == "failed" and "CONSULTEASE_TIME_ZONE" in found["fix"]
    outcome = machine.installation.run("serve", *quiet_port(), expect=64)
    assert "CONSULTEASE_TIME_ZONE" in outcome.err and "/etc/localtime" in outcome.err
    # A command that shows no times needs no zone.
    machine.installation.run("faculty", "list")
    assert "Asia/Manila" in machine.zone(CONSULTEASE_TIME_ZONE="Asia/Manila")["detail"]


def test_a_zone_that_date_contradicts_fails(machine):
    (machine.etc / "timezone").write_text("Asia/Manila\n")
    (machine.etc / "localtime").symlink_to(ZONES / "America/Los_Angeles")
    checks = examine(machine.installation, *quiet_port(), expect=1)
    assert failed(checks) == {"time-zone"}
    assert "timedatectl set-timezone" in checks["time-zone"]["fix"]


def test_the_environments_zone_goes_before_files_as_for_date(machine):
    (machine.etc / "timezone").write_text("Etc/UTC\n")
    assert machine.zone(TZ=":Asia/Manila")["detail"].startswith("Asia/Manila, by TZ")
    assert "no IANA name" in machine.zone(expect=1, TZ="<+08>-8")["detail"]


def test_a_place_may_have_another_zone_than_its_machine(machine):
    found = machine.zone(CONSULTEASE_TIME_ZONE="Asia/Manila")
    assert found["status"] == "ok" and "`date` shows" in found["detail"]
