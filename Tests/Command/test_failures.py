# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""The message of a command that can't begin: the file or address, the fault, and the remedy, in one table."""

import os
import shutil
import socket
import subprocess

import pytest
from conftest import on
from harness import free_port

NOBODY = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user or mount a file system")

# An operator can't use these words of libraries.
RAW = [
    "SQLite error",
    "NSCocoa",
    "CocoaError",
    "Domain=",
    "Code=",
    "fe_sendauth",
    "errno:",
    "while executing",
    "Optional(",
]


def told(outcome, *words: str) -> None:
    for word in words:
        assert word in outcome.err, outcome
    for word in RAW:
        assert word not in outcome.err, outcome
    # The message has one sentence or two, and no dump.
    assert len(outcome.err.splitlines()) <= 4, outcome


def as_nobody(office, *arguments: str):
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", office.binary, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd="/", env={"PATH": os.environ["PATH"]}
    )
    done.err = done.stderr
    return done


@needs_root
@pytest.mark.parametrize(
    "command",
    [["faculty", "list"], ["unit", "list"], ["backup"], ["serve"], ["unit", "credential", "desk-7"]],
    ids=" ".join,
)
def test_another_user_is_told_whose_the_folder_is(office, folder, command):
    folder.chmod(0o755)
    outcome = as_nobody(office, *command, "--data", str(office.data))
    assert outcome.returncode == 1
    told(outcome, "nobody", "belongs to root", "sudo -u root", str(office.data))
    assert "start `consultease serve` once" not in outcome.err


@needs_root
def test_doctor_tells_another_user_whose_the_folder_is(office, folder):
    folder.chmod(0o755)
    outcome = as_nobody(office, "doctor", "--quiet", "--data", str(office.data))
    assert "belongs to the user root" in outcome.stdout and "can't be looked at" in outcome.stdout
    assert "there is none" not in outcome.stdout


@pytest.mark.parametrize(
    "command", [["faculty", "list"], ["serve", "--listen", "127.0.0.1:0", "--desks", "127.0.0.1:0"]]
)
@pytest.mark.parametrize("backup", [True, False])
def test_a_file_that_is_no_database_is_named_with_the_remedy(office, command, backup):
    newest = office.json("backup")["file"] if backup else None
    for path in office.data.glob("consultease.sqlite*"):
        path.unlink()
    office.database.write_bytes(b"this is no database, but long enough to be read as one" * 100)
    outcome = office.run(*command, expect=1)
    told(outcome, str(office.database), f"consultease restore '{newest}' --replace" if backup else ".dump")


def test_a_damaged_database_is_named_with_the_remedy(office):
    content = bytearray(office.database.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    for path in office.data.glob("consultease.sqlite-*"):
        path.unlink()
    office.database.write_bytes(bytes(content))
    told(office.run("faculty", "list", expect=1), str(office.database), "damaged", ".dump")


@pytest.mark.parametrize("command", [["serve"], ["faculty", "list"], ["backup"], ["broker", "--desks", "127.0.0.1:1"]])
def test_a_file_in_the_place_of_the_folder_is_named(empty, command):
    outcome = empty.run(*command, "--data", "/etc/passwd", expect=1)
    told(outcome, "/etc/passwd is a file, not a folder", "--data")


def test_a_folder_in_the_place_of_the_database_is_named(office):
    told(office.run("faculty", "list", "--database", f"sqlite:{office.data}", expect=1), "is a folder", "--database")


@needs_root
def test_a_full_disk_is_named(office, folder):
    place = folder / "full"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", place], check=True)
    try:
        with pytest.raises(OSError), (place / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        outcome = office.run("serve", "--data", str(place / "data"), *quiet(), expect=1)
        told(outcome, "no space left", "df -h")
        (place / "filler").unlink()
        shutil.rmtree(place / "data", ignore_errors=True)
        shutil.copytree(office.data, place / "data", ignore=shutil.ignore_patterns("*.sock"))
        with pytest.raises(OSError), (place / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        outcome = office.run("serve", "--data", str(place / "data"), *quiet(), expect=1)
        assert "space" in outcome.err, outcome
        told(outcome, "df -h")
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def quiet() -> list[str]:
    return ["--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{free_port()}"]


def test_a_password_in_the_url_is_refused_and_its_place_named(empty):
    url = "postgres://consultease:secret-word@127.0.0.1/consultease"
    outcome = empty.run("serve", "--database", url, expect=64)
    told(outcome, "(--database)", "CONSULTEASE_DATABASE_PASSWORD")
    assert "secret-word" not in outcome.err
    outcome = empty.run("serve", "--broker", "mqtt://u:secret-word@127.0.0.1", expect=64)
    told(outcome, "(--broker)", "CONSULTEASE_BROKER_PASSWORD")
    assert "secret-word" not in outcome.err
    outcome = empty.run("move", "--from", url, "--to", "sqlite:x", expect=64)
    told(outcome, "CONSULTEASE_FROM_PASSWORD")
    assert "secret-word" not in outcome.err


def test_a_move_into_a_folder_that_is_missing_says_how_to_make_it(office, folder):
    target = folder / "nowhere" / "copy.sqlite"
    outcome = office.run("move", "--from", f"sqlite:{office.database}", "--to", f"sqlite:{target}", expect=1)
    told(outcome, f"there is no folder {target.parent}", "mkdir -p")
    outcome = office.run("move", "--from", f"sqlite:{target}", "--to", "sqlite:x", expect=1)
    told(outcome, f"there is no database at {target}")


def test_an_address_that_is_not_this_machines_is_named(office):
    outcome = office.run("serve", "--listen", "192.0.2.77:8080", "--desks", f"127.0.0.1:{free_port()}", expect=1)
    told_last(outcome, "192.0.2.77 is no address of this machine", "--listen")
    assert "ConsultEase is on" not in outcome.out


def told_last(outcome, *words: str) -> None:
    """Returns the last message of a server, which comes after its log."""
    outcome.err = outcome.err.splitlines()[-1]
    told(outcome, *words)


def test_an_address_that_is_taken_is_named(office):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        outcome = office.run("serve", "--listen", f"127.0.0.1:{port}", "--desks", f"127.0.0.1:{free_port()}", expect=1)
    told_last(outcome, f"cannot listen on 127.0.0.1:{port}: another program listens there", f"sport = :{port}")
    assert "ConsultEase is on" not in outcome.out


def test_a_missing_and_a_wrong_password_of_the_database_are_told_apart(empty, cluster):
    database = cluster.new_database()
    missing = empty.run("faculty", "list", expect=1, CONSULTEASE_DATABASE=database.url())
    told(missing, "asks for a password, and none was given", "CONSULTEASE_DATABASE_PASSWORD")
    wrong = on(database) | {"CONSULTEASE_DATABASE_PASSWORD": "wrong-word"}
    outcome = empty.run("faculty", "list", expect=1, **wrong)
    told(outcome, "refuses the user or the password", "CONSULTEASE_DATABASE_PASSWORD")
    assert "wrong-word" not in outcome.err


def test_a_database_server_that_is_away_is_named(empty):
    port = free_port()
    outcome = empty.run("faculty", "list", "--database", f"postgres://u@127.0.0.1:{port}/x", expect=1)
    told(outcome, f"nothing answers at postgres://u@127.0.0.1:{port}/x", "--database")


def test_missing_and_forbidden_files_are_told_apart(office, folder):
    told(office.run("import", "faculty", "nowhere.csv", expect=1), "cannot read nowhere.csv: there is no such file")
    told(office.run("import", "faculty", str(folder), expect=1), "it is a folder")
    told(office.run("restore", "nowhere.backup", expect=1), "there is no such file")
    told(office.run("wire", "nowhere.jsonl", expect=1), "there is no such file")
    if os.geteuid() == 0:
        folder.chmod(0o755)
        path = folder / "secret.jsonl"
        path.write_text("{}")
        path.chmod(0o600)
        outcome = as_nobody(office, "wire", str(path))
        told(outcome, "the user nobody may not", "belongs to root")


def test_the_address_is_printed_once_when_the_server_runs(office):
    server = office.start("serve", *quiet(), "--json")
    try:
        line = server.stdout.readline().decode()
        assert "http://127.0.0.1:" in line
    finally:
        server.terminate()
        out, _ = server.communicate(timeout=30)
    assert out == b""


def test_a_server_whose_broker_can_not_start_announces_no_address(office):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = office.start("serve", "--listen", "127.0.0.1:0", "--desks", f"127.0.0.1:{port}")
        try:
            out, _ = server.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            pytest.skip("the pages are served without the broker, so their address is true")
        finally:
            server.kill()
    assert b"ConsultEase is on" not in out
