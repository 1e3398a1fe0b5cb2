# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""A PostgreSQL for tests: a cluster in a folder, one database for each test, and psql sessions that hold locks."""

import itertools
import os
import pwd
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "a password that is only for tests"
ROLE = "consultease"

# These differ from the defaults: enough connections for 200 writers, a quick start, and the application in the log.
SETTINGS = {
    "max_connections": "320",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0777",
    "log_line_prefix": "%m %a ",
    "max_wal_size": "256MB",
}


class PsqlError(Exception):
    """Reports why PostgreSQL refused."""


class Postgres:
    """A cluster. PostgreSQL refuses to run as root, so it runs as `postgres` then, and otherwise as the tests' own
    user."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self.folder = folder
        self.port = port
        self.data = folder / "data"
        self.log = folder / "postgres.log"
        self.settings = SETTINGS | settings
        self.process: subprocess.Popen | None = None
        self.names = itertools.count(1)
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
        folder.chmod(0o755)

    @staticmethod
    def is_installed() -> bool:
        return (PROGRAMS / "postgres").exists()

    def as_its_user(self, *arguments: str) -> list[str]:
        identity = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        # INT is a fast shutdown: the cluster ends cleanly if the process that started it dies.
        return ["setpriv", *identity, "--pdeathsig=INT", *arguments]

    def make(self) -> None:
        """Makes the cluster's files, and the role of the servers: no superuser, as an operator would have it."""
        command = [str(PROGRAMS / "initdb"), "-D", str(self.data), "-U", "postgres", "--auth=trust", "--no-sync"]
        made = subprocess.run(
            self.as_its_user(*command, "--encoding=UTF8", "--locale=C.UTF-8"), capture_output=True, text=True
        )
        assert made.returncode == 0, made.stderr
        (self.data / "pg_hba.conf").write_text(
            "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\nlocal replication all trust\n"
        )
        self.start()
        self.psql(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")

    def start(self) -> None:
        options = itertools.chain.from_iterable(("-c", f"{name}={value}") for name, value in self.settings.items())
        command = [str(PROGRAMS / "postgres"), "-D", str(self.data), "-k", str(self.folder), "-p", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.as_its_user(*command, *options), stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT stops fast, with rollbacks. SIGQUIT stops at once, with a recovery at the next start."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(how)
        self.process.wait(timeout=60)
        self.process = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    def answers(self) -> bool:
        command = [str(PROGRAMS / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
        return subprocess.run(command).returncode == 0

    def psql(self, sql: str, database: str = "postgres", role: str = "postgres") -> str:
        """Returns the output of psql: one line for each row, with tabs between columns."""
        done = subprocess.run(
            [*self.psql_command(database, role), "-v", "ON_ERROR_STOP=1"], input=sql, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise PsqlError(done.stderr)
        return done.stdout

    def psql_command(self, database: str, role: str = "postgres") -> list[str]:
        place = f"host={self.folder} port={self.port} dbname={database} user={role} application_name=psql"
        return ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", "-d", place]

    def new_database(self, tablespace: str | None = None) -> "Database":
        name = f"consultease_{next(self.names)}"
        place = f" TABLESPACE {tablespace}" if tablespace else ""
        self.psql(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE template0{place}")
        return Database(self, name)


class Database:
    """A database for one test."""

    def __init__(self, cluster: Postgres, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self.sessions: list[Session] = []

    def url(self, port: int | None = None, **options: str) -> str:
        """Returns the URL for `serve --database`. With a port it leads through a proxy, which must be able to read the
        traffic."""
        query = "&".join(f"{key}={value}" for key, value in ({"sslmode": "disable"} | options).items())
        return f"postgres://{ROLE}@127.0.0.1:{port or self.cluster.port}/{self.name}?{query}"

    def psql(self, sql: str, role: str = ROLE) -> str:
        return self.cluster.psql(sql, self.name, role)

    def rows(self, sql: str) -> list[list[str]]:
        return [line.split("\t") for line in self.psql(sql, "postgres").splitlines()]

    def value(self, sql: str) -> str:
        return self.rows(sql)[0][0]

    def session(self) -> "Session":
        self.sessions.append(Session(self.cluster.psql_command(self.name, ROLE)))
        return self.sessions[-1]

    def terminate_backends(self) -> int:
        """Ends every connection to the database except the asking one. Returns their number."""
        terminated = self.rows(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return len(terminated)

    def deadlocks(self) -> int:
        """Returns the number of deadlocks found here. PostgreSQL's statistics are late: sessions report when they end
        or idle."""
        return int(self.value(f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{self.name}'"))

    def drop(self) -> None:
        for session in self.sessions:
            session.close()
        with suppress(PsqlError):
            self.cluster.psql(f"DROP DATABASE {self.name} WITH (FORCE)")


class Session:
    """An administrator's psql that stays open, for example in a transaction."""

    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1
        )
        self.marks = itertools.count(1)

    def execute(self, sql: str) -> list[list[str]]:
        """Returns the statement's rows after it has ended, however long it waits for a lock. Raises PostgreSQL's
        error."""
        mark = f"mark-{next(self.marks)}"
        self.process.stdin.write(f"{sql};\n\\echo {mark}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == mark:
                break
            lines.append(line.rstrip("\n"))
        else:
            raise PsqlError("\n".join(lines) or "the session has ended")
        if any(line.startswith(("ERROR:", "FATAL:")) for line in lines):
            raise PsqlError("\n".join(lines))
        return [line.split("\t") for line in lines if line]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
