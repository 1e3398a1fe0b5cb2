# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The package's life on a machine that systemd runs, in this order: installed, used, upgraded, removed, purged."""

import json

import pytest
from conftest import PAGES, Installation, has_backup
from machine import eventually

SERVER, BROKER = "consultease.service", "consultease-broker.service"


@pytest.fixture(scope="module")
def installed(booted):
    return Installation(booted)


@pytest.fixture(scope="module")
def noted():
    """Holds what a test leaves for later tests."""
    return {}


def main_pid(machine, unit: str) -> str:
    """Returns the main process of a running service."""
    pid = machine.run("systemctl", "show", "--property=MainPID", "--value", unit).stdout.strip()
    assert pid != "0", journal(machine, unit)
    return pid


def is_active(machine, unit: str) -> bool:
    return machine.run("systemctl", "is-active", unit, check=False).stdout.strip() == "active"


def journal(machine, unit: str) -> str:
    return machine.run("journalctl", "--no-pager", "--unit", unit, check=False).stdout


def test_an_installation_serves_by_itself(installed):
    machine = installed.machine
    installed.until_ready()
    for unit in (SERVER, BROKER, "consultease-backup.timer"):
        assert is_active(machine, unit), journal(machine, unit)
        assert machine.run("systemctl", "is-enabled", unit).stdout.strip() == "enabled"
    users = machine.run("ps", "-o", "user:20=", "-C", "consultease,mosquitto").stdout.split()
    assert users == ["consultease"] * 3, "the server has adopted the broker's mosquitto"


def test_a_message_reaches_the_board(installed, noted):
    noted["person"] = installed.somebody_comes("Dr. Ana Reyes", "desk-1")
    eventually("the board shows it", lambda: '"available"' in installed.shown(noted["person"]))


def doctor(machine) -> dict[str, dict]:
    report = json.loads(machine.run("consultease-run", "doctor", "--json", check=False).stdout)
    return {check["name"]: check for check in report["checks"]}


def test_doctor_finds_nothing_wrong_but_the_unit_that_has_gone(installed):
    checks = doctor(installed.machine)
    assert {name for name, check in checks.items() if check["status"] == "failed"} <= {"units"}
    assert "consultease-broker.service active, enabled" in checks["services"]["detail"]


def test_doctor_tells_of_a_service_that_does_not_run(installed):
    installed.machine.run("systemctl", "stop", SERVER)
    check = doctor(installed.machine)["services"]
    assert check["status"] == "failed" and f"systemctl start {SERVER}" in check["fix"]
    installed.machine.run("systemctl", "start", SERVER)
    installed.until_ready()


def test_the_hardening_closes_what_it_names(installed):
    pid = main_pid(installed.machine, SERVER)
    status = installed.machine.run("cat", f"/proc/{pid}/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2" and fields["CapBnd"].strip("0") == ""
    within = ["nsenter", "--target", pid, "--mount", "--root", "--wd=/", "--"]
    assert installed.machine.run(*within, "touch", "/usr/share/new", check=False).returncode != 0
    assert installed.machine.run(*within, "touch", "/var/lib/consultease/new").returncode == 0
    installed.machine.run("rm", "/var/lib/consultease/new")


def test_the_server_restarts_without_the_broker(installed):
    machine = installed.machine
    before = main_pid(machine, BROKER), machine.run("pgrep", "mosquitto").stdout
    machine.run("systemctl", "restart", SERVER)
    installed.until_ready()
    assert (main_pid(machine, BROKER), machine.run("pgrep", "mosquitto").stdout) == before


def test_a_server_that_is_killed_is_started_again(installed, noted):
    machine = installed.machine
    pid = main_pid(machine, SERVER)
    machine.run("kill", "-KILL", pid)
    eventually("no server", lambda: machine.get(f"{PAGES}/health/live")[0] == 0)
    installed.until_ready()
    assert main_pid(machine, SERVER) != pid
    assert '"available"' in installed.shown(noted["person"])


def test_the_broker_restarts_under_a_running_server(installed):
    machine = installed.machine
    machine.run("systemctl", "restart", BROKER)
    eventually("the broker service runs", lambda: is_active(machine, BROKER))
    eventually("one mosquitto", lambda: len(machine.run("pgrep", "mosquitto", check=False).stdout.split()) == 1)
    installed.until_ready()
    installed.arrives("desk-1")


def test_a_backup_is_made_by_its_service(installed):
    machine = installed.machine
    if not has_backup(machine):
        pytest.skip("this program has no backup command")
    machine.run("systemctl", "start", "consultease-backup.service")
    assert machine.run("sh", "-c", "ls /var/lib/consultease/backups | wc -l").stdout.strip() == "1"


def test_an_upgrade_restarts_the_server_alone_and_keeps_settings_and_people(installed, noted):
    machine = installed.machine
    settings = "/etc/consultease/consultease.json"
    machine.run("sed", "-i", 's/"data"/"place": "North campus", "data"/', settings)
    machine.run("systemctl", "restart", SERVER)
    installed.until_ready()
    server, broker = main_pid(machine, SERVER), main_pid(machine, BROKER)
    log = installed.dpkg("--install", "/tmp/next.deb")
    assert "systemctl restart consultease-broker" in log
    installed.until_ready()
    assert main_pid(machine, SERVER) != server
    assert main_pid(machine, BROKER) == broker
    assert "North campus" in machine.run("cat", settings).stdout
    assert '"available"' in installed.shown(noted["person"])
    installed.arrives("desk-1")


def test_removing_stops_all_and_keeps_the_data(installed):
    machine = installed.machine
    log = installed.dpkg("--remove", "consultease")
    assert "kept: /var/lib/consultease" in log
    assert machine.run("pgrep", "consultease|mosquitto", check=False).stdout == ""
    assert machine.exists("/var/lib/consultease/consultease.sqlite")
    assert machine.exists("/etc/consultease/consultease.json")
    assert not machine.exists("/usr/bin/consultease")


def test_installed_again_it_goes_on_where_it_was(installed, noted):
    installed.dpkg("--install", "/tmp/next.deb")
    installed.until_ready()
    assert "Reyes" in installed.shown(noted["person"])


def test_purging_deletes_the_data_but_for_the_backups_and_says_so(installed):
    machine = installed.machine
    machine.run("sh", "-c", "mkdir -p /var/lib/consultease/backups; touch /var/lib/consultease/backups/kept.backup")
    log = installed.dpkg("--purge", "consultease")
    assert "deleting in /var/lib/consultease: the database" in log
    assert "kept: /var/lib/consultease/backups" in log
    assert machine.run("ls", "/var/lib/consultease").stdout == "backups\n"
    assert not machine.exists("/etc/consultease")
    assert machine.get(f"{PAGES}/health/live")[0] == 0
