# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""doctor: its findings, a fix for every failure, and that it changes nothing."""

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import threading
import time

import mqtt
import pytest
from conftest import Installation, Server
from harness import free_port

NAMES = {
    "programs",
    "file-system",
    "disk-space",
    "clock",
    "time-zone",
    "services",
    "data-folder",
    "server",
    "backups",
    "metrics",
    "database",
    "schema",
    "integrity",
    "journal",
    "foreign-keys",
    "clock-and-database",
    "broker",
    "broker-files",
    "broker-credentials",
    "desks-port",
    "pages",
    "units",
    "people-without-unit",
    "dropped-messages",
    "refused-messages",
}


def examine(office, *flags, expect=0, **environment):
    report = office.json("doctor", *flags, expect=expect, **environment)
    checks = {check["name"]: check for check in report["checks"]}
    assert report["ok"] is (expect == 0)
    for check in checks.values():
        assert (check["fix"] is not None) == (check["status"] == "failed"), check
    return checks


def failed(checks) -> set[str]:
    return {name for name, check in checks.items() if check["status"] == "failed"}


def why(checks) -> str:
    return "; ".join(f"{name}: {check['detail']}" for name, check in checks.items() if check["status"] == "failed")


def quiet_port() -> list[str]:
    return ["--desks", f"127.0.0.1:{free_port()}"]


def test_all_is_well_without_a_server(office):
    checks = examine(office, *quiet_port())
    assert set(checks) == NAMES
    assert checks["broker"]["status"] == checks["pages"]["status"] == checks["units"]["status"] == "skipped"
    assert "All is well" in office.run("doctor", *quiet_port()).out


def test_all_is_well_beside_a_server(office, server):
    checks = examine(office, *server.flags)
    assert {name for name, check in checks.items() if check["status"] == "ok"} == NAMES - {"services", "metrics"}
    assert str(server.process.pid) in checks["server"]["detail"]
    assert "mosquitto" in checks["broker"]["detail"]


def test_nothing_is_written(office):
    def state():
        return {
            path: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(office.data.rglob("*"))
            # The index of the journal, which readers share, holds no data.
            if path.is_file() and not path.name.endswith(("-shm", "-wal"))
        }

    before = state()
    examine(office, *quiet_port())
    assert state() == before


def test_where_there_is_nothing_the_fix_is_to_serve(empty):
    checks = examine(empty, *quiet_port(), expect=1)
    assert failed(checks) == {"data-folder", "database"}, why(checks)
    assert "consultease serve" in checks["database"]["fix"]
    assert not empty.data.exists()
    text = empty.run("doctor", *quiet_port(), expect=1).out
    assert text.count("fix: ") == 2 and "2 of" in text


def test_a_folder_that_others_may_look_into_fails_data_folder(office):
    office.data.chmod(0o755)
    checks = examine(office, *quiet_port(), expect=1)
    assert failed(checks) == {"data-folder"}, why(checks)
    assert "chmod 700" in checks["data-folder"]["fix"]


def test_credentials_that_others_may_read_fail_broker_credentials(office):
    (office.data / "broker" / "server.password").chmod(0o644)
    checks = examine(office, *quiet_port(), expect=1)
    assert failed(checks) == {"broker-credentials"}, why(checks)
    assert "chmod 600" in checks["broker-credentials"]["fix"]


def test_a_file_that_is_no_database_fails_database(office):
    for path in office.data.glob("consultease.sqlite*"):
        path.unlink()
    office.database.write_bytes(b"this is no database, but long enough to be read as one" * 100)
    checks = examine(office, *quiet_port(), expect=1)
    assert failed(checks) == {"database"}, why(checks)
    assert checks["integrity"]["status"] == "skipped"
    assert "there is no backup" in checks["database"]["fix"] and ".dump" in checks["database"]["fix"]


def test_a_damaged_database_is_restored_by_the_fix_where_there_is_a_backup(office):
    office.add()
    office.run("backup")
    newest = office.json("backup")["file"]
    for path in office.data.glob("consultease.sqlite*"):
        path.unlink()
    office.database.write_bytes(b"this is no database, but long enough to be read as one" * 100)
    fix = examine(office, *quiet_port(), expect=1)["database"]["fix"]
    assert f"consultease restore '{newest}' --replace" in fix and "dmesg" not in fix and ".recover" not in fix
    office.run("restore", newest, "--replace")
    assert len(office.people()) == 1


def test_a_damaged_database_fails_integrity(office):
    path = office.file("many.csv", "name,department\n" + "".join(f"Person {n},X\n" for n in range(2000)))
    office.run("import", "faculty", path)
    with sqlite3.connect(office.database) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'change_by_revision'").fetchone()[0]
        size = database.execute("PRAGMA page_size").fetchone()[0]
    database.close()
    content = bytearray(office.database.read_bytes())
    content[(page - 1) * size + 8 : page * size] = bytes(size - 8)
    office.database.write_bytes(bytes(content))
    checks = examine(office, *quiet_port(), expect=1)
    assert "integrity" in failed(checks)
    assert ".dump" in checks["integrity"]["fix"] and ".recover" not in checks["integrity"]["fix"]


@pytest.mark.parametrize("version, words", [("99", "newer consultease"), ("0", "consultease serve")])
def test_another_schema_is_told_and_never_migrated(office, version, words):
    with sqlite3.connect(office.database) as database:
        database.execute("UPDATE meta SET value = ? WHERE key = 'schema'", [version])
    database.close()
    checks = examine(office, *quiet_port(), expect=1)
    assert failed(checks) == {"schema"}, why(checks)
    assert words in checks["schema"]["detail"]
    assert words in office.run("faculty", "list", expect=1).err
    with sqlite3.connect(office.database) as database:
        assert database.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == (version,)
    database.close()


def test_orphaned_rows_fail_foreign_keys(office):
    with sqlite3.connect(office.database) as database:
        database.execute("INSERT INTO beacon VALUES ('AA:BB:CC:DD:EE:FF', 99)")
    database.close()
    checks = examine(office, *quiet_port(), expect=1)
    assert failed(checks) == {"foreign-keys"}, why(checks)
    assert "beacon" in checks["foreign-keys"]["detail"]


def test_a_clock_behind_the_database_fails_clock_and_database(office):
    ahead = int(time.time() * 1000) + 3_600_000
    with sqlite3.connect(office.database) as database:
        database.execute("UPDATE revision SET committed_at = ?", [ahead])
    database.close()
    checks = examine(office, *quiet_port(), expect=1)
    assert failed(checks) == {"clock-and-database"}, why(checks)
    assert "timedatectl" in checks["clock-and-database"]["fix"]


def test_a_backup_of_this_night_is_well(office):
    backups = office.data / "backups"
    backups.mkdir()
    (backups / "consultease-20260101T020000Z.backup").write_bytes(b"x" * 5000)
    checks = examine(office, *quiet_port())
    assert "5 kB" in checks["backups"]["detail"]


@pytest.mark.parametrize("age, size, words", [(40, 5000, "40 h old"), (1, 0, "is empty")])
def test_the_newest_backup_is_too_old_or_empty(office, age, size, words):
    backups = office.data / "backups"
    backups.mkdir()
    for name, extra in [("older", 50), ("newest", 0)]:
        file = backups / f"consultease-{name}.backup"
        file.write_bytes(b"x" * size)
        made = time.time() - (age + extra) * 3600 - 60
        os.utime(file, (made, made))
    checks = examine(office, *quiet_port(), expect=1)
    assert failed(checks) == {"backups"}, why(checks)
    assert words in checks["backups"]["detail"]
    assert "consultease backup" in checks["backups"]["fix"]


def test_no_backup_was_ever_made(office):
    begun = time.time() - 3 * 24 * 3600
    os.utime(office.data / "lock", (begun, begun))
    checks = examine(office, *quiet_port(), expect=1)
    assert failed(checks) == {"backups"}, why(checks)
    assert "consultease-backup.timer" in checks["backups"]["fix"]


def test_a_peer_that_is_ready_and_one_of_another_past(office, server, template, folder):
    shutil.copytree(
        template,
        folder / "other",
        ignore=shutil.ignore_patterns("*.sqlite*", "*.sock", "running.json", "database.json", "*.db"),
    )
    other = Server(Installation(office.binary, folder / "other"))
    try:
        checks = examine(office, *server.flags, "--peer", f"127.0.0.1:{server.http}")
        assert checks["peer"]["status"] == "ok"
        checks = examine(office, *server.flags, "--peer", f"127.0.0.1:{other.http}", expect=1)
        assert failed(checks) == {"peer"}, why(checks)
        assert "lineage" in checks["peer"]["detail"]
    finally:
        other.stop()
    checks = examine(office, *server.flags, "--peer", f"127.0.0.1:{free_port()}", expect=1)
    assert failed(checks) == {"peer"}, why(checks)


def test_a_peer_without_a_port_is_a_usage_error(office):
    assert "--peer is HOST:PORT" in office.run("doctor", "--peer", "somewhere", expect=64).err


def test_a_desks_port_that_another_program_holds_fails_desks_port(office):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        # This server speaks no MQTT: it closes the connection.
        threading.Thread(target=lambda: other.accept()[0].close(), daemon=True).start()
        checks = examine(office, "--desks", f"127.0.0.1:{port}", expect=1)
    assert failed(checks) == {"desks-port"}, why(checks)
    assert str(port) in checks["desks-port"]["fix"]


@pytest.mark.usefixtures("server")
def test_pages_at_another_address_than_the_one_asked(office):
    checks = examine(office, "--listen", f"127.0.0.1:{free_port()}", expect=1)
    assert failed(checks) == {"pages"}, why(checks)
    assert "--listen" in checks["pages"]["fix"]


def test_without_serves_flags_the_folder_remembers_where_the_server_listens(office, server):
    checks = examine(office)
    assert f"127.0.0.1:{server.http} is ready" in checks["pages"]["detail"]
    assert f"127.0.0.1:{server.desks}" in checks["desks-port"]["detail"]
    server.stop()
    assert f"127.0.0.1:{server.desks} is free" in examine(office)["desks-port"]["detail"]


def test_quiet_prints_failures_alone(office):
    assert office.run("doctor", "--quiet", *quiet_port()).out == ""
    office.data.chmod(0o755)
    lines = office.run("doctor", "--quiet", *quiet_port(), expect=1).out.splitlines()
    assert len(lines) == 2 and lines[0].startswith("failed   data-folder") and "fix: chmod 700" in lines[1]


@pytest.mark.parametrize("spelling", ["link", "link/", "./link//", "down/../data/../link", "data/."])
def test_one_folder_is_one_folder_whatever_its_spelling(office, server, folder, spelling):
    (folder / "link").symlink_to(office.data)
    (folder / "elsewhere" / "below").mkdir(parents=True)
    # `..` after a link leads to the folder of the link's target, which the text alone doesn't show.
    (folder / "down").symlink_to(folder / "elsewhere" / "below")
    (folder / "elsewhere" / "data").mkdir()
    (folder / "elsewhere" / "link").symlink_to(office.data)
    for path in [spelling, f"{folder}/{spelling}"]:
        checks = examine(office, "--data", path, *server.flags)
        assert checks["data-folder"]["status"] == checks["broker"]["status"] == checks["desks-port"]["status"] == "ok"
        assert str(server.process.pid) in checks["server"]["detail"]
    office.run("unit", "add", "desk-7", "--data", spelling)
    made = office.json("unit", "credential", "desk-7", "--data", spelling)
    assert made["broker_told"] is True
    mqtt.until_answer(server.desks, "desk-7", made["password"], mqtt.ACCEPTED)
    assert "already" in office.run("serve", "--data", spelling, "--listen", "127.0.0.1:0", expect=1).err


def test_a_server_and_its_broker_may_be_started_with_different_spellings(office, folder):
    (folder / "link").symlink_to(office.data)
    running = Server(Installation(office.binary, folder / "link"))
    try:
        checks = examine(office, *running.flags)
        assert {checks[name]["status"] for name in ["server", "broker", "desks-port", "pages"]} == {"ok"}
        office.run("unit", "add", "desk-7")
        assert office.json("unit", "credential", "desk-7")["broker_told"] is True
    finally:
        running.stop()


def test_units_that_can_not_be_relied_on_and_messages_that_were_refused(office, server):
    office.run("faculty", "add", "--name", "Dr. Ana Reyes", "--department", "Physics")
    office.run("unit", "add", "desk-7", "--faculty", "1")
    office.run("unit", "add", "spare")
    checks = examine(office, *server.flags, expect=1)
    assert failed(checks) == {"units"}, why(checks)
    assert "desk-7 (never heard)" in checks["units"]["detail"] and "spare" not in checks["units"]["detail"]
    password = office.json("unit", "credential", "desk-7")["password"]
    mqtt.until_answer(server.desks, "desk-7", password, mqtt.ACCEPTED)
    _, connection = mqtt.connect(server.desks, "desk-7", password)
    mqtt.publish(connection, "consultease/v2/unit/desk-7/event", "no JSON")
    deadline = time.monotonic() + 10
    while "not-json" not in checks["refused-messages"]["detail"]:
        assert time.monotonic() < deadline
        checks = examine(office, *server.flags, expect=1)
    event = {"boot": "0123456789abcdef", "seq": 1, "up": 1000, "type": "presence", "present": True}
    mqtt.publish(connection, "consultease/v2/unit/desk-7/event", json.dumps(event))
    while office.run("faculty", "show", "1").out.count("available") < 1:
        assert time.monotonic() < deadline
    checks = examine(office, *server.flags)
    assert checks["units"]["detail"] == "all 1 on desks are live; 1 spare: 1 never heard"
    connection.close()


def test_unassigned_units_are_spares_and_no_fault(office, server):
    assert examine(office, *server.flags)["units"]["detail"] == "there are none yet"
    office.run("unit", "add", "desk-7")
    office.run("unit", "add", "desk-8")
    assert examine(office, *server.flags)["units"]["detail"] == "none is on a desk; 2 spares: 2 never heard"


def test_people_without_a_unit_are_told_but_no_fault(office):
    office.run("faculty", "add", "--name", "Dr. Ana Reyes", "--department", "Physics")
    checks = examine(office, *quiet_port())
    assert "Dr. Ana Reyes (id 1)" in checks["people-without-unit"]["detail"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_file_system_that_became_read_only_is_named(office):
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    command = [office.binary, "doctor", "--json", "--data", str(office.data), *quiet_port()]
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(office.data), *command],
        capture_output=True,
        text=True,
    )
    if "mount:" in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["file-system"]["status"] == "failed" and str(office.data) in checks["file-system"]["detail"]
    assert "remount,rw" in checks["file-system"]["fix"]
