# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""doctor on PostgreSQL: its findings, each with a fix, and no finding if all is well."""

import time

import pytest
from conftest import Installation, Server, on
from postgres import PASSWORD, ROLE, Database, Postgres
from test_doctor import examine, failed, quiet_port, why

pytestmark = pytest.mark.skipif(not Postgres.is_installed(), reason="PostgreSQL is not installed")

SQLITE_ALONE = {"integrity", "journal", "foreign-keys"}
POSTGRESQL_ALONE = {
    "database-version",
    "primary",
    "durability",
    "timeouts",
    "database-tls",
    "privileges",
    "connections",
    "database-encoding",
    "open-transactions",
    "replication",
    "leader",
    "database-clock",
}


class Office:
    """A data folder and a database of its own."""

    def __init__(self, installation: Installation, cluster: Postgres) -> None:
        self.installation = installation
        self.cluster = cluster
        self.database = cluster.new_database()
        self.environment = on(self.database)

    def examine(self, *flags: str, expect: int = 0):
        return examine(self.installation, *(flags or quiet_port()), expect=expect, **self.environment)

    def serve(self, monkeypatch) -> Server:
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        return Server(self.installation)


@pytest.fixture()
def bare(empty, cluster):
    """Returns an office whose database is empty."""
    made = Office(empty, cluster)
    yield made
    made.database.drop()


@pytest.fixture()
def office(bare, monkeypatch):
    bare.serve(monkeypatch).stop()
    return bare


def test_all_is_well_without_a_server(office):
    checks = office.examine()
    assert checks.keys() >= POSTGRESQL_ALONE
    assert not checks.keys() & SQLITE_ALONE
    assert checks["leader"]["status"] == "skipped"
    assert "PostgreSQL 15" in checks["database"]["detail"] and "lineage" in checks["database"]["detail"]


def test_beside_a_server_it_names_who_leads(office, monkeypatch):
    running = office.serve(monkeypatch)
    try:
        checks = office.examine(*running.flags)
    finally:
        running.stop()
    assert checks["leader"]["status"] == "ok"
    assert "127.0.0.1" in checks["leader"]["detail"]


def test_without_an_answer_database_fails_and_the_rest_is_skipped(empty):
    checks = examine(empty, "--database", "postgres://nobody@127.0.0.1:1/nothing", *quiet_port(), expect=1)
    assert "database" in failed(checks)
    assert all(checks[name]["status"] == "skipped" for name in POSTGRESQL_ALONE)
    assert "CONSULTEASE_DATABASE_PASSWORD" in checks["database"]["fix"]


def test_a_wrong_password_fails_database_and_is_not_shown(office):
    office.environment["CONSULTEASE_DATABASE_PASSWORD"] = "wrong"
    checks = office.examine(expect=1)
    assert "password" in checks["database"]["detail"] and "wrong" not in checks["database"]["detail"]


def test_a_database_without_a_schema_fails_schema(bare):
    checks = bare.examine(expect=1)
    assert "schema" in failed(checks)
    assert "consultease serve" in checks["schema"]["detail"]


def test_a_role_that_may_not_write_fails_privileges(office):
    office.cluster.psql("CREATE ROLE intruder")
    try:
        office.database.psql("ALTER TABLE faculty OWNER TO intruder", "postgres")
        checks = office.examine(expect=1)
    finally:
        office.database.psql(f"REASSIGN OWNED BY intruder TO {ROLE}; DROP ROLE intruder", "postgres")
    assert failed(checks) >= {"privileges"}, why(checks)
    assert "REASSIGN OWNED BY" in checks["privileges"]["fix"]


@pytest.mark.parametrize("setting", ["full_page_writes", "synchronous_commit"])
def test_commits_that_a_power_cut_would_lose_fail_durability(office, setting):
    """The asking session's own setting doesn't count: others follow the server's."""
    office.cluster.psql(f"ALTER SYSTEM SET {setting} = off")
    office.cluster.psql("SELECT pg_reload_conf()")
    try:
        checks = office.examine(expect=1)
    finally:
        office.cluster.psql(f"ALTER SYSTEM RESET {setting}")
        office.cluster.psql("SELECT pg_reload_conf()")
    assert failed(checks) == {"durability"}, why(checks)
    assert f"ALTER SYSTEM RESET {setting}" in checks["durability"]["fix"]


def test_a_database_that_takes_no_writes_fails_primary(office):
    office.cluster.psql(f"ALTER DATABASE {office.database.name} SET default_transaction_read_only = on")
    checks = office.examine(expect=1)
    assert "primary" in failed(checks)


def test_an_inactive_slot_that_lets_the_journal_grow_fails_replication(office):
    office.cluster.psql("SELECT pg_create_physical_replication_slot('gone')")
    try:
        checks = office.examine(expect=1)
    finally:
        office.cluster.psql("SELECT pg_drop_replication_slot('gone')")
    assert failed(checks) == {"replication"}, why(checks)
    assert "pg_drop_replication_slot('gone')" in checks["replication"]["fix"]


def test_a_clock_behind_the_last_commit_fails_clock_and_database(office):
    office.database.psql(f"UPDATE revision SET committed_at = {int(time.time() * 1000) + 3_600_000}")
    assert failed(office.examine(expect=1)) == {"clock-and-database"}


def test_a_shell_that_blocks_all_writers_is_named_within_seconds(office):
    shell = office.database.session()
    shell.execute("BEGIN; UPDATE faculty SET room = '7'")
    pid = shell.execute("SELECT pg_backend_pid()")[0][0]
    checks = office.examine(expect=1)
    assert failed(checks) == {"open-transactions"}, why(checks)
    assert f"process {pid}, {ROLE} with psql" in checks["open-transactions"]["detail"]
    assert f"pg_terminate_backend({pid})" in checks["open-transactions"]["fix"]
    shell.execute("ROLLBACK")
    assert office.examine()["open-transactions"]["status"] == "ok"


def test_another_encoding_fails_database_with_the_remedy(empty, cluster):
    cluster.psql(f"CREATE DATABASE latin OWNER {ROLE} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    try:
        url = Database(cluster, "latin").url()
        environment = {"CONSULTEASE_DATABASE": url, "CONSULTEASE_DATABASE_PASSWORD": PASSWORD}
        checks = examine(empty, *quiet_port(), expect=1, **environment)
        assert "LATIN1" in checks["database"]["detail"] and "ENCODING 'UTF8'" in checks["database"]["fix"]
        refused = empty.run("serve", *quiet_port(), expect=1, **environment)
        assert "LATIN1" in refused.err and "ENCODING 'UTF8'" in refused.err
    finally:
        cluster.psql("DROP DATABASE latin WITH (FORCE)")


def test_a_shell_that_left_a_transaction_open_fails_open_transactions(office):
    # The session has written nothing, so it doesn't block yet.
    office.database.session().execute("BEGIN; SELECT count(*) FROM faculty")
    deadline = time.monotonic() + 60
    checks = office.examine()
    while checks["open-transactions"]["status"] == "ok":
        assert time.monotonic() < deadline, "it was never told"
        time.sleep(1)
        process = office.installation.start("doctor", *quiet_port(), "--json", **office.environment)
        process.communicate(timeout=60)
        if process.returncode:
            checks = office.examine(expect=1)
    assert failed(checks) == {"open-transactions"}, why(checks)
    assert "pg_terminate_backend" in checks["open-transactions"]["fix"]
