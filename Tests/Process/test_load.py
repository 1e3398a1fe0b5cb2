# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A fleet with faults: the end state equals the oracle's in the database, the API and every subscriber."""

import json
import os
import subprocess

import pytest
from conftest import free_port

# The promise names the full number; a shorter run still has every kind of fault.
MESSAGES = int(os.environ.get("CONSULTEASE_LOAD_MESSAGES", "60000"))


def load(binary, serve, *arguments: str) -> subprocess.CompletedProcess:
    port = free_port()
    server = serve("--desks", f"127.0.0.1:{port}")
    return subprocess.run(
        [
            binary,
            "load",
            "--prepare",
            str(server.data),
            "--http",
            server.url,
            "--broker",
            f"mqtt://127.0.0.1:{port}",
            "--json",
            *arguments,
        ],
        stdout=subprocess.PIPE,
        timeout=1200,
    )


def test_fifty_units_with_faults_end_as_the_oracle_says(binary, serve):
    done = load(binary, serve, "--units", "50", "--messages", str(MESSAGES), "--rate", "5000")
    print(done.stdout.decode())
    report = json.loads(done.stdout)
    assert done.returncode == 0, report


@pytest.mark.parametrize("plant", ["lost-update", "stale-subscriber", "lost-answer"])
def test_a_planted_defect_is_found(binary, serve, plant):
    done = load(
        binary, serve, "--units", "8", "--messages", "400", "--rate", "5000", "--timeout", "5", "--plant", plant
    )
    assert done.returncode == 1, done.stdout.decode()
    assert json.loads(done.stdout)
