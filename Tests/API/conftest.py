# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Runs the real server in its own folder, with twelve people on its board."""

from collections.abc import Iterator

import pytest
from harness import Server, binary_under_test, free_port


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("consultease") / "data"
    running = Server(binary_under_test(), data, "--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}")
    try:
        for number in range(1, 13):
            department = "Engineering" if number % 2 else "Letters & Arts"
            running.command("faculty", "add", "--name", f"Prof. Person {number}", "--department", department)
        yield running
    finally:
        running.stop()
