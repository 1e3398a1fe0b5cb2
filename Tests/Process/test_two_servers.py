# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Two servers on one SQLite folder: the second refuses, says why, and does the first no harm."""

import subprocess

import pytest
from screens import get, is_ready


def second(binary, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [binary, "serve", "--listen", "127.0.0.1:0", "--desks", "127.0.0.1:0", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("way", ["same path", "link", "file of another folder", "link to the file"])
def test_the_second_server_on_a_folder_refuses_and_names_it(binary, folder, serve, way):
    first = serve("--desks", "127.0.0.1:0")
    first.wait_until_ready()
    before = get(f"{first.url}/api/v1/faculty")[2]
    link, other = folder / "link", folder / "other"
    match way:
        case "same path":
            arguments = ["--data", str(first.data)]
        case "link":
            link.symlink_to(first.data)
            arguments = ["--data", str(link)]
        case "file of another folder":
            arguments = ["--data", str(other), "--database", f"sqlite:{first.data}/consultease.sqlite"]
        case "link to the file":
            link.symlink_to(first.data / "consultease.sqlite")
            arguments = ["--data", str(other), "--database", f"sqlite:{link}"]
    done = second(binary, *arguments)
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert "another consultease serves" in done.stderr, done.stderr
    assert "--data" in done.stderr
    assert len(done.stderr.splitlines()) < 5, done.stderr
    assert is_ready(first.url)
    assert get(f"{first.url}/api/v1/faculty")[2] == before


def test_a_folder_is_free_again_after_kill_9(serve):
    first = serve("--desks", "127.0.0.1:0")
    first.wait_until_ready()
    first.running.kill()
    serve("--desks", "127.0.0.1:0").wait_until_ready()
