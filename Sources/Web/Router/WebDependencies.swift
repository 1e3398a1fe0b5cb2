// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Logging
package import Service

/// Everything that the HTTP edge is given from outside. It reads the board alone and never the database.
package struct WebDependencies: Sendable {
    package var board: Board
    package var readiness: any Readiness
    /// The time that beats carry and pages age by: the store's, scaled in the demo.
    package var now: @Sendable () -> Timestamp
    /// How fast that time runs beside real time: 1 unless this is the demo.
    package var speed: Double
    /// The university's, in which pages show times.
    package var zone: Zone
    /// What pages call this place, if it has a name.
    package var place: String?
    /// This server's name among several on one database; responses and pages tell it. Nil if there is but one.
    package var instance: String?
    /// How many seconds a kiosk stays as its last reader left it, before it is as it was started.
    package var kioskRest = 90
    package var limits: WebLimits
    /// The reverse proxies that are believed when they tell a client's address.
    package var proxies = ProxyList.none
    /// Where streams say how far they have told their screens; Ingest's, for update latency and traces.
    package var trail: DeliveryTracker
    /// The answer of `/metrics` to clients with the token; nil if no token is set.
    package var metrics: (page: MetricsPage, token: BearerToken)?
    package var logger: Logger

    package init(
        board: Board, readiness: any Readiness, now: @escaping @Sendable () -> Timestamp, speed: Double = 1,
        zone: Zone, place: String? = nil, instance: String? = nil,
        limits: WebLimits = WebLimits(), trail: DeliveryTracker = DeliveryTracker(), logger: Logger
    ) {
        self.board = board
        self.readiness = readiness
        self.now = now
        self.speed = speed
        self.zone = zone
        self.place = place
        self.instance = instance
        self.limits = limits
        self.trail = trail
        self.logger = logger
    }
}

extension WebDependencies {
    var pageSettings: PageSettings {
        PageSettings(place: place, instance: instance, zone: zone, kioskRest: kioskRest)
    }

    /// The present moment, as pages show it.
    var pageMoment: PageMoment { PageMoment(now: now(), speed: speed, staleAt: board.staleAt) }
}

/// How long the edge waits and how much it holds. The defaults are the product's; tests shorten them.
package struct WebLimits: Sendable {
    /// How long a read waits for the revision that it asked for, before it says 503.
    package var readWait = Duration.seconds(2)
    /// How long one write to a stream may stand still, before the connection is cut.
    package var stalledWrite = Duration.seconds(10)
    /// How many event streams may be open at once; one more is answered 503.
    package var openStreams = 1000
    /// How many of them one peer may have; one more is answered 429.
    package var streamsOfOnePeer = 200
    /// How many connections may be open at once; at the limit, one that waits without a request is closed for a new
    /// one.
    package var connections = 2000
    /// How many of them one peer may have beside its streams.
    package var connectionsBesideStreams = 200
    /// How long a request may take from its connection, or its first header, until it is whole.
    package var wholeRequest = Duration.seconds(10)
    /// How long a connection without a request stays open.
    package var idleConnection = Duration.seconds(60)
    /// How long a graceful shutdown may take, before what is left is cut.
    package var shutdown = Duration.seconds(2)

    package init() {}

    /// Allows this many streams, with room for other requests beside them: as many connections again, up to 1,000.
    package mutating func take(streams: Int) {
        openStreams = streams
        connections = streams + min(max(streams, 100), 1000)
    }
}
