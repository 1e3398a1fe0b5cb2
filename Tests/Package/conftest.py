# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The package on throwaway machines. CONSULTEASE_DEB names it, CONSULTEASE_DEB_NEXT one with a higher version."""

import os
import subprocess
from pathlib import Path

import pytest
from machine import Machine, eventually

PAGES = "http://127.0.0.1:8080"
DESKS = "mqtt://127.0.0.1:1884"


def package(variable: str) -> Path:
    path = os.environ.get(variable)
    if not path:
        pytest.fail(f"set {variable} to a package: scripts/test-deb does")
    return Path(path).resolve()


def has_backup(machine: Machine) -> bool:
    return "\n  backup " in machine.run("consultease", "--help").stdout


class Installation:
    """The package installed on a machine of its own."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.put(package("CONSULTEASE_DEB"), "/tmp/first.deb")
        machine.put(package("CONSULTEASE_DEB_NEXT"), "/tmp/next.deb")
        self.dpkg("--install", "/tmp/first.deb")

    def dpkg(self, *arguments: str) -> str:
        done = self.machine.run("dpkg", "--force-confdef", "--force-confold", *arguments)
        return done.stdout + done.stderr

    def until_ready(self) -> None:
        try:
            eventually("the server is ready", lambda: self.machine.get(f"{PAGES}/health/ready")[0] == 200)
        except AssertionError as error:
            log = self.machine.run("journalctl", "--no-pager", "--lines=60", check=False).stdout
            raise AssertionError(f"{error}; it says {self.machine.get(f'{PAGES}/health/ready')}\n{log}") from error

    def somebody_comes(self, name: str, unit: str) -> int:
        """Adds a person with a unit that reports them present; returns their id."""
        run = "consultease-run"
        person = self.machine.json(run, "faculty", "add", "--name", name, "--department", "Physics", "--json")["id"]
        self.machine.run(run, "unit", "add", unit, "--faculty", str(person))
        password = self.machine.json(run, "unit", "credential", unit, "--json")["password"]
        self.machine.run("sh", "-c", f"umask 077; cat >/tmp/{unit}", stdin=password)
        self.arrives(unit)
        return person

    def arrives(self, unit: str) -> None:
        desk = ["consultease", "desk", "--unit", unit, "--password-file", f"/tmp/{unit}", "--broker", DESKS]
        # The command exits with 0 only if the server has acknowledged the unit's report.
        self.machine.run(*desk, stdin="in\nwait 1\n")

    def shown(self, person: int) -> str:
        _, body = self.machine.get(f"{PAGES}/api/v1/faculty/{person}")
        return body


def machines(*, systemd: bool):
    if os.geteuid() != 0:
        pytest.fail("these tests install a package on a throwaway machine: run them as root")
    machine = Machine(systemd=systemd)
    yield machine
    machine.stop()


def boots_systemd() -> str | None:
    """Returns why systemd can't be the first process of a throwaway machine here; None if it can."""
    if not Path("/lib/systemd/systemd").exists():
        return "systemd is not installed"
    try:
        Machine(systemd=True).stop()
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        return f"systemd does not start under an overlay here: {error}"
    return None


@pytest.fixture(scope="module")
def bare():
    """Returns a machine without systemd, like a container."""
    yield from machines(systemd=False)


@pytest.fixture(scope="module")
def booted():
    """Returns a machine that systemd runs."""
    why = boots_systemd()
    if why:
        pytest.skip(why)
    yield from machines(systemd=True)
