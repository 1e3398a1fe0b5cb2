# SPDX-License-Identifier: MIT
# ConsultEase: see LICENSE.
"""Three instances on one database and one broker, with their units and screens."""

from contextlib import contextmanager

from conftest import open_broker, until
from fleet import Fleet
from pgproxy import PostgresProxy
from screens import Screen, agree, is_ready, leads

NAMES = ("a", "b", "c")


class Cluster:
    """Three instances, their fleet, and screens that move to another instance if theirs ends."""

    def __init__(self, start, fleet_of) -> None:
        self.start = start
        self.instances = {name: start(name) for name in NAMES}
        for server in self.instances.values():
            server.wait_until_ready()
        self.leader()
        self.fleet: Fleet = fleet_of()
        self.screens = [Screen(*self.urls[turn:], *self.urls[:turn]) for turn in range(len(NAMES))]

    @property
    def urls(self) -> list[str]:
        return [server.url for server in self.instances.values()]

    def leader(self, seconds: float = 60) -> str:
        """Returns the instance that leads."""

        def only_one() -> str | None:
            found = [name for name, server in self.instances.items() if leads(server.url)]
            return found[0] if len(found) == 1 else None

        return until("one instance leads", only_one, seconds)

    def kill(self, name: str) -> None:
        self.instances.pop(name).running.kill()

    def join(self, name: str) -> None:
        """Starts an instance again, at a new address that the screens then know."""
        self.instances[name] = self.start(name)
        self.instances[name].wait_until_ready()
        for screen in self.screens:
            screen.urls[:] = [screen.urls[0]] + [url for url in self.urls if url != screen.urls[0]]

    def first_commit(self, since: float, not_by: str, seconds: float = 60) -> float:
        """Returns the seconds from a moment until another connection first applied a message."""
        sql = f"SELECT min(at) FROM audit_event WHERE at > {since} AND pid <> {not_by}"
        database = self.fleet.database
        return float(until("somebody else commits", lambda: database.value(sql), seconds)) - since

    def writer(self) -> str:
        """Returns the PostgreSQL process whose connection applied the last message."""
        return self.fleet.database.value("SELECT pid FROM audit_event ORDER BY position DESC LIMIT 1")

    def finish(self) -> None:
        for server in self.instances.values():
            until("every instance is ready", lambda url=server.url: is_ready(url), 30)
        self.fleet.settle()
        agree(self.screens, self.urls)
        print(self.fleet.say())

    def close(self) -> None:
        for screen in self.screens:
            screen.stop()
        self.fleet.close()


@contextmanager
def a_cluster(instance, database, folder, proxies: dict[str, PostgresProxy] | None = None):
    with open_broker(folder) as port:

        def start(name: str):
            proxy = (proxies or {}).get(name)
            return instance(name, database, port, proxy.port if proxy else None)

        made = Cluster(start, lambda: Fleet(database, port))
        try:
            yield made
        finally:
            made.close()
