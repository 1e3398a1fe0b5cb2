# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The services without systemd: their files are valid, and their programs run as their user, end cleanly and say so."""

import re

import pytest
from conftest import PAGES, Installation, has_backup
from machine import eventually

UNITS = ["consultease-broker.service", "consultease.service", "consultease-backup.service"]
FOLDER = "/lib/systemd/system"
# A server needs the network, Unix sockets and its user's other processes; everything else is closed.
HIGHEST_EXPOSURE = 16


@pytest.fixture(scope="module")
def installed(bare):
    return Installation(bare)


def setting(machine, unit: str, key: str) -> str:
    return re.findall(rf"^{key}=(.*)$", machine.run("cat", f"{FOLDER}/{unit}").stdout, re.MULTILINE)[-1]


def as_its_user(machine, unit: str):
    command = setting(machine, unit, "ExecStart").split()
    user = setting(machine, unit, "User")
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--"]
    return machine.start(*become, *command)


def ended(process) -> tuple[int, str]:
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors.decode()


def pid_of(machine, words: str) -> int:
    return int(machine.run("pgrep", "--full", "--oldest", f"^/usr/bin/consultease {words}").stdout)


@pytest.mark.parametrize("unit", [*UNITS, "consultease-backup.timer"])
def test_systemd_finds_nothing_wrong_with_a_unit(installed, unit):
    done = installed.machine.run("systemd-analyze", "verify", "--man=no", f"{FOLDER}/{unit}")
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("unit", UNITS)
def test_a_service_is_closed_as_far_as_it_can_be(installed, unit):
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={HIGHEST_EXPOSURE}"]
    assert "Overall exposure level" in installed.machine.run(*command, f"{FOLDER}/{unit}").stdout


@pytest.mark.parametrize("unit", UNITS)
def test_a_service_has_more_time_to_stop_than_the_drain_takes(installed, unit):
    if unit != "consultease-backup.service":
        assert int(setting(installed.machine, unit, "TimeoutStopSec")) > 10


def test_nothing_is_started_where_systemd_does_not_run(installed):
    assert installed.machine.run("pgrep", "consultease", check=False).stdout == ""
    assert installed.machine.run("stat", "-c", "%U %a", "/var/lib/consultease").stdout == "consultease 700\n"
    assert installed.machine.run("stat", "-c", "%U %a", "/etc/consultease/consultease.env").stdout == "root 600\n"


def test_what_the_services_start_serves_as_their_user_and_ends_cleanly(installed):
    machine = installed.machine
    broker = as_its_user(machine, "consultease-broker.service")
    machine.run(setting(machine, "consultease-broker.service", "ExecStartPost"))
    server = as_its_user(machine, "consultease.service")
    installed.until_ready()
    users = machine.run("ps", "-o", "user:20=", "-C", "consultease,mosquitto").stdout.split()
    assert users == ["consultease"] * 3, "a broker, its mosquitto, a server"

    person = installed.somebody_comes("Dr. Ana Reyes", "desk-1")
    eventually("the board shows it", lambda: '"available"' in installed.shown(person))

    machine.run("kill", "-TERM", str(pid_of(machine, "serve")))
    code, log = ended(server)
    assert code == 0, log
    assert machine.run("pgrep", "mosquitto", check=False).stdout, "the broker stays when the server goes"
    assert machine.get(f"{PAGES}/health/live")[0] == 0

    machine.run("kill", "-TERM", str(pid_of(machine, "broker")))
    code, log = ended(broker)
    assert code == 0, log
    assert machine.run("pgrep", "mosquitto", check=False).stdout == "", "a child ends with its parent"


def test_the_backup_service_makes_a_backup_as_its_user(installed):
    machine = installed.machine
    if not has_backup(machine):
        pytest.skip("this program has no backup command")
    code, log = ended(as_its_user(machine, "consultease-backup.service"))
    assert code == 0, log
    found = machine.run("stat", "-c", "%U %a", *machine.run("ls", "-d", "/var/lib/consultease/backups/").stdout.split())
    assert found.stdout == "consultease 700\n"


def test_consultease_run_is_for_root_and_passes_secrets_on(installed):
    machine = installed.machine
    secret = 'CONSULTEASE_PLACE="North $(touch /tmp/run) campus"\n'
    machine.run("sh", "-c", "cat >>/etc/consultease/consultease.env", stdin=secret)
    report = machine.run("consultease-run", "doctor", "--json", check=False).stdout
    assert '"data-folder"' in report
    assert not machine.exists("/tmp/run"), "nothing in the file is executed"
    become = ["setpriv", "--reuid=consultease", "--regid=consultease", "--clear-groups", "--"]
    assert machine.run(*become, "consultease-run", "doctor", check=False).returncode == 77
    assert machine.run("consultease-run", check=False).returncode == 64
