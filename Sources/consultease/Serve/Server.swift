// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation
import Logging
import MQTT
import Service
import ServiceLifecycle
import Store
import UnixSignals
import Web

/// The whole server, put together: the one place that knows every part.
struct Server {
    let settings: Settings
    let zone: PlaceZone
    let store: Store
    let board: Board
    /// What can be changed through this server, whether it leads or not.
    let commands: Commands
    /// The former system's door, over the same commands.
    let faculty: FacultyService
    private let leadership: Leadership
    private let logger: Logger
    private let broker: EmbeddedBroker?
    let brokerFolder: BrokerFolder
    /// Where the embedded broker waits for units.
    let desks: Endpoint
    private let timing: Timing
    private let telemetry: ServerTelemetry?
    private let trail = DeliveryTracker()

    /// What differs between a real day and a demo's.
    struct Timing: Sendable {
        var clock: any Clock<Duration> = ContinuousClock()
        /// How many times faster than real time the server's time goes.
        var speed = 1.0
    }

    init(
        settings: Settings, store: Store, timing: Timing = Timing(), telemetry: ServerTelemetry? = nil, logger: Logger
    ) async throws {
        self.settings = settings
        zone = try settings.requiredTimeZone()
        self.store = store
        self.timing = timing
        self.telemetry = telemetry
        self.logger = logger
        board = try await Board(store: store, logger: logger)
        commands = Commands(store: store, trail: trail, logger: logger)
        faculty = FacultyService(commands, board: board, logger: logger)
        brokerFolder = BrokerFolder(in: settings.dataFolder)
        // mosquitto takes no port 0.
        desks =
            settings.desks.port == 0
            ? .init(host: settings.desks.host, port: FreePort.find() ?? 1883) : settings.desks
        let clientID = try await OpenedStore.mqttClientID(store)
        let connection: BrokerConnection
        if let external = settings.broker {
            if external.address.crossesNetworkUnprotected {
                logger.warning(
                    "Passwords and presence cross the network to the broker unprotected; mqtts:// protects them",
                    metadata: ["broker": "\(external.address)"])
            }
            broker = nil
            connection = BrokerConnection(
                address: external.address, clientID: clientID, credentials: external.credentials)
        } else {
            let configuration = BrokerConfiguration(
                desks: desks, openDesks: settings.openDesks, isRoot: geteuid() == 0)
            if let damaged = try brokerFolder.prepare() {
                logger.error(
                    """
                    The broker's credentials were damaged: units whose lines are lost need new ones (unit credential ID), and \
                    the open listener is closed until the damaged file is removed
                    """, metadata: ["file": "\(damaged)"])
            }
            try brokerFolder.follow(try await BrokerFacts.current(in: store))
            broker = EmbeddedBroker(
                folder: brokerFolder, configuration: configuration, triesForEver: true, logger: logger)
            connection = BrokerConnection(
                address: .unix(path: brokerFolder.socketPath), clientID: clientID,
                credentials: Credentials(
                    userName: BrokerConfiguration.serverUser, password: try brokerFolder.serverPassword()),
                tellsDropped: true)
        }
        leadership = Leadership(store: store, broker: connection, trail: trail, logger: logger)
    }

    /// Serves until SIGTERM or SIGINT, or until a part fails for good. `onListening` is given the port of the pages.
    ///
    /// Parts stop in reverse order: streams end first, then the broker's session and the sequencer (what is not
    /// committed yet stays with the broker), then the board.
    func run(beside others: [@Sendable () async -> Void] = [], onListening: @escaping @Sendable (Int) -> Void)
        async throws
    {
        Self.raiseFileLimit()
        let keeper = BoardKeeper(store: store, board: board, logger: logger)
        let timekeeper = Timekeeper(store: store, clock: timing.clock, logger: logger)
        let leadership = leadership
        let care = DatabaseCare(store, settings, logger: logger)
        let readiness = ServerReadiness(
            store: store, board: board, leadership: leadership, hasBrokerOfItsOwn: broker != nil,
            blockers: { care.blockers })
        var parts = telemetry?.parts(store, board, readiness, logger: logger) ?? []
        parts.append(RunningPart { await keeper.run() })
        parts.append(RunningPart { await timekeeper.run() })
        parts.append(RunningPart { await care.run() })
        parts.append(
            RunningPart { [board, settings, logger] in await DatabaseNote.follow(board, settings, logger: logger) })
        let (brokerIsReady, ready) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // A stream of its own: the task that announces is cancelled, and that ends the stream for every reader of it.
        let (brokerRuns, runs) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        if let broker {
            parts.append(
                RunningPart {
                    try await broker.run {
                        ready.finish()
                        runs.finish()
                    }
                })
        } else {
            ready.finish()
            runs.finish()
        }
        // Not before there is a broker to connect to: a refused connection in the log of every start would be noise.
        parts.append(
            RunningPart {
                for await _ in brokerIsReady {}
                try await leadership.run()
            })
        let (bound, isBound) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        let pages = web(readiness) { port in isBound.yield(port) }
        parts.append(ListeningPart(listen: settings.listen, flag: "--listen") { try await pages.run() })
        parts.append(RunningPart { await Self.announce(bound, once: brokerRuns, onListening) })
        parts += others.map { body in
            RunningPart {
                for await _ in brokerIsReady {}
                await body()
            }
        }
        let (mailbox, logger) = (CommandMailbox(in: settings.dataFolder), logger)
        parts.append(RunningPart { await mailbox.run(logger) })
        parts.append(Farewell(board: board, logger: logger))
        var configuration = ServiceGroupConfiguration(
            services: parts, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// How long a broker that takes its time keeps the pages from being announced.
    private static let brokerTimeout = Duration.seconds(5)

    /// Says where the pages are once they answer and the broker runs: a server whose broker can't start may end at
    /// once, and its address would be told for nothing. Ends with the server.
    private static func announce(
        _ bound: AsyncStream<Int>, once brokerIsReady: AsyncStream<Void>, _ onListening: @Sendable (Int) -> Void
    ) async {
        for await port in bound {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in brokerIsReady {} }
                group.addTask { try? await Task.sleep(for: brokerTimeout) }
                await group.next()
                group.cancelAll()
            }
            if !Task.isCancelled { onListening(port) }
        }
    }

    /// A thousand streams need more descriptors than a shell allows at first; the hard limit is the system's to set.
    private static func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private func web(_ readiness: ServerReadiness, _ onListening: @escaping @Sendable (Int) -> Void) -> WebServer {
        let store = store
        var dependencies = WebDependencies(
            board: board, readiness: readiness, now: { store.now }, speed: timing.speed,
            zone: Zone(named: zone.name, zone.zone), place: settings.place, instance: settings.instance, trail: trail,
            logger: logger)
        dependencies.metrics = telemetry?.guardedPage
        dependencies.proxies = settings.peers.proxies
        dependencies.limits.take(streams: settings.peers.streams)
        dependencies.limits.streamsOfOnePeer = settings.peers.streamsOfOne
        return WebServer(
            dependencies: dependencies,
            host: settings.listen.host, port: settings.listen.port, onBound: onListening)
    }
}

/// The last part, so the first that is told to stop: says so.
private struct Farewell: ServiceLifecycle.Service {
    let board: Board
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        logger.notice(
            "Shutting down: streams end, then the desks' session, then what came in is committed",
            metadata: ["streams": "\(board.subscriberCount)", "revision": "\(board.snapshot.tag)"])
    }
}
