# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""PostgreSQL without room: acknowledgements stop, and nothing else does."""

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from conftest import free_port
from postgres import Postgres
from postgres_office import Office, an_office


@contextmanager
def small_disk(size: str):
    """Makes a small file system that can be filled."""
    path = Path(tempfile.mkdtemp(prefix="ce-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)], capture_output=True)
    if mounted.returncode != 0:
        path.rmdir()
        pytest.skip("no file system can be mounted here, so none can be full")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)
        path.rmdir()


def fill(disk: Path) -> Path:
    """Fills the rest of the disk."""
    path = disk / "ballast"
    with path.open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(65536))
    return path


def survive_a_full_disk(office: Office, disk: Path) -> None:
    """Lets the server survive a full `disk` with the database; each commit extends the audit, so it soon needs more
    space."""
    office.fleet.database.psql("ALTER TABLE audit_event ALTER padding SET DEFAULT repeat(random()::text, 100)")
    with office.fleet.under_load():
        office.fleet.until_stored(300)
        acknowledged = office.fleet.acknowledged()
        ballast = fill(disk)
        print("not ready:", office.until_not_ready(60))
        acknowledged_late = office.fleet.acknowledged()
        time.sleep(2)
        ballast.unlink()
        if office.fleet.database.cluster.process.poll() is not None:
            # PostgreSQL itself stops if it can't write its log; an operator starts it again.
            print("PostgreSQL had ended")
            office.fleet.database.cluster.start()
        office.until_ready(60)
        office.fleet.require(acknowledged)
        office.fleet.require(acknowledged_late)
        office.fleet.until_stored(300)
    office.finish()


def test_tables_that_cannot_grow_stop_acknowledgements_and_nothing_else(cluster, instance, folder):
    with small_disk("48m") as disk:
        shutil.chown(disk, "postgres", "postgres")
        cluster.psql(f"CREATE TABLESPACE small LOCATION '{disk}'")
        database = cluster.new_database(tablespace="small")
        try:
            with an_office(instance, database, folder) as office:
                survive_a_full_disk(office, disk)
                office.server.running.stop()
        finally:
            database.drop()
            cluster.psql("DROP TABLESPACE small")


def test_a_full_disk_under_all_of_postgresql_is_survived(instance, folder):
    """PostgreSQL can't write its log, so it stops or restarts until there is space."""
    with small_disk("160m") as disk:
        inner = disk / "cluster"
        inner.mkdir()
        small = Postgres(inner, free_port(), max_wal_size="48MB", min_wal_size="32MB")
        small.make()
        database = small.new_database()
        try:
            with an_office(instance, database, folder) as office:
                survive_a_full_disk(office, disk)
                office.server.running.stop()
        finally:
            database.drop()
            small.stop()
