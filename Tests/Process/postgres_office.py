# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""One server on PostgreSQL, with its units and screens."""

from contextlib import contextmanager

from conftest import open_broker, until
from fleet import Fleet
from pgproxy import PostgresProxy
from screens import Screen, agree, checks, is_ready


class Office:
    """One server on PostgreSQL, its units, and two screens."""

    def __init__(self, server, fleet: Fleet) -> None:
        self.server = server
        self.url = server.url
        self.fleet = fleet
        self.screens = [Screen(self.url) for _ in range(2)]

    def until_ready(self, seconds: float = 60) -> None:
        until("the server is ready", lambda: is_ready(self.url), seconds)

    def until_not_ready(self, seconds: float = 60) -> list[str]:
        """Returns the names of the failing checks."""
        return until(
            "the server says that it is not ready",
            lambda: [name for name, check in checks(self.url).items() if not check["ok"]],
            seconds,
        )

    def finish(self) -> None:
        """Checks everything with the oracle after the fault."""
        self.until_ready()
        self.fleet.settle()
        agree(self.screens, [self.url])
        assert self.server.running.process.poll() is None
        print(self.fleet.say())

    def close(self) -> None:
        for screen in self.screens:
            screen.stop()
        self.fleet.close()


@contextmanager
def an_office(instance, database, folder, proxy: PostgresProxy | None = None):
    with open_broker(folder) as port:
        server = instance("a", database, port, proxy.port if proxy else None)
        server.wait_until_ready()
        office = Office(server, Fleet(database, port))
        try:
            yield office
        finally:
            office.close()
