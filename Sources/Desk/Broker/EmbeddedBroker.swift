// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
package import Logging

/// The broker that belongs to a data folder. One runs at a time: a second start adopts it, so that an upgrade of the
/// server doesn't drop the desks.
package struct EmbeddedBroker: Sendable {
    private let folder: BrokerFolder
    private let configuration: BrokerConfiguration
    private let triesForEver: Bool
    private let logger: Logger

    /// - Parameter triesForEver: whether `run` goes on trying if the first start fails, as beside pages that don't need
    ///   it.
    package init(
        folder: BrokerFolder, configuration: BrokerConfiguration, triesForEver: Bool = false, logger: Logger
    ) {
        self.triesForEver = triesForEver
        self.folder = folder
        self.configuration = configuration
        self.logger = logger
    }

    /// Runs the broker until cancelled, starting it again (and saying so) if it stops. `onReady` is called each time
    /// that it accepts connections. An adopted broker is left running at the end; a child is stopped after saving its
    /// queue.
    ///
    /// The process that started a broker holds the folder's broker lock while it runs: two at once would take each
    /// other's socket away. So where another process restarts the broker, this one waits and adopts it.
    ///
    /// Throws `BrokerError.listensElsewhere` if, at first, another process runs one that listens elsewhere than this
    /// one is told. Later on such a broker is adopted all the same, and said to be one: the server's own way to it is a
    /// socket, and after a change of its address the server must be restarted.
    package func run(onReady: @Sendable () -> Void = {}) async throws {
        try folder.prepare()
        var hasRun = false
        var awaitsAdoption = false
        var complaint: ContinuousClock.Instant?
        while !Task.isCancelled {
            if awaitsAdoption {
                awaitsAdoption = false
                if await !another(within: Self.adoptionTimeout), !Task.isCancelled {
                    logger.error("The adopted broker has stopped; starting one of our own")
                }
                continue
            }
            guard let lock = BrokerLock(folder) else {
                if let running = answering() {
                    try require(running, hasRun: hasRun)
                    await follow(running, onReady: onReady)
                    // Its own service is likely to start it again.
                    (hasRun, awaitsAdoption) = (true, true)
                } else {
                    try? await Task.sleep(for: .milliseconds(100))
                }
                continue
            }
            let started = ContinuousClock.now
            do {
                await endOrphan()
                try folder.write(configuration)
                if let aside = folder.setDamagedQueueAside() { tellOfLostQueue(aside) }
                let access = folder.access
                let broker = try await BrokerProcess.start(
                    configuration: folder.configurationPath, log: folder.logPath)
                try await supervise(broker, whichRead: access, onReady: onReady)
                hasRun = true
            } catch  where hasRun || triesForEver {
                // It is tried again, and readiness says that there is none; the log is told at first and once a minute.
                if complaint.map({ $0.duration(to: .now) >= .seconds(60) }) ?? true {
                    complaint = .now
                    logger.error("The broker can't be started; trying on", metadata: ["error": "\(error)"])
                }
                if lastWords.contains("persistent database") || lastWords.contains("Couldn't open database"),
                    let aside = folder.setQueueAside()
                {
                    tellOfLostQueue(aside)
                }
            }
            _ = consume lock
            if Task.isCancelled { return }
            // One that can't even run for a moment won't do better when tried at once.
            if started.duration(to: .now) < .seconds(1) { try? await Task.sleep(for: .seconds(1)) }
        }
    }

    private func tellOfLostQueue(_ aside: String) {
        logger.error(
            "The broker's queue was damaged and is set aside: what units said and no server had taken is lost",
            metadata: ["file": "\(aside)"])
    }

    /// How long the process that ran the broker has for starting it again.
    private static let adoptionTimeout = Duration.seconds(3)

    /// Throws if it listens elsewhere, unless this process has had a broker before.
    private func require(_ running: RunningBroker, hasRun: Bool) throws {
        guard running.listeners != configuration.listeners else { return }
        let error = BrokerError.listensElsewhere(
            pid: running.pid, listening: running.listeners, wanted: configuration.listeners)
        guard hasRun else { throw error }
        logger.error("The broker listens elsewhere than it should", metadata: ["error": "\(error)"])
    }

    private func follow(_ running: RunningBroker, onReady: @Sendable () -> Void) async {
        logger.info(
            "Adopted the broker that runs for this data folder",
            metadata: ["pid": "\(running.pid)", "listening": "\(Endpoint.list(running.listeners))"])
        if !running.hasConfiguration(configuration.text(folder: folder.url.path)) {
            logger.notice(
                "The adopted broker was configured by another version; restart the process that runs it",
                metadata: ["pid": "\(running.pid)"])
        }
        Self.reload(folder)
        onReady()
        while !Task.isCancelled, kill(running.pid, 0) == 0 { try? await Task.sleep(for: .milliseconds(500)) }
    }

    /// The broker that runs, once it takes connections.
    private func answering() -> RunningBroker? {
        UnixSocket.accepts(folder.socketPath) ? RunningBroker.find(in: folder) : nil
    }

    /// Whether another process has started a broker that answers.
    private func another(within limit: Duration) async -> Bool {
        await holds(within: limit, every: .milliseconds(100)) { answering() != nil }
    }

    /// A broker whose parent has ended ends, too. It saves its queue first, and holds the ports until it has.
    private func endOrphan() async {
        guard let orphan = RunningBroker.find(in: folder) else { return }
        logger.notice("Ending a broker without a parent process", metadata: ["pid": "\(orphan.pid)"])
        kill(orphan.pid, SIGTERM)
        _ = await holds(within: .seconds(10), every: .milliseconds(50)) { kill(orphan.pid, 0) != 0 }
    }

    /// - Parameter access: what stood in the folder before it was started.
    private func supervise(
        _ broker: BrokerProcess, whichRead access: [Data?], onReady: @Sendable () -> Void
    ) async throws {
        try await withTaskCancellationHandler {
            let ended = Task { await broker.ended() }  // Awaited below, in every case.
            guard await isRunning(broker) else {
                broker.stop()
                _ = await ended.value
                if Task.isCancelled { return }
                throw BrokerError.didNotStart(listening: configuration.listeners, log: lastWords)
            }
            let running = try RunningBroker.note(broker.pid, in: folder)
            try folder.note(AccessRead(by: broker.pid, access))
            // Reload once more: credentials written during startup had no pid to signal.
            Self.reload(folder)
            logger.info(
                "The broker is running",
                metadata: ["pid": "\(broker.pid)", "listening": "\(Endpoint.list(running.listeners))"])
            onReady()
            let status = await ended.value
            RunningBroker.forget(in: folder)
            guard !Task.isCancelled else { return }
            logger.error(
                "The broker stopped; starting it again", metadata: ["status": "\(status ?? -1)", "log": "\(lastWords)"])
        } onCancel: {
            broker.stop()
        }
    }

    /// Waits until the socket takes a connection and the child can be told of changes; false if it ends first, or after
    /// 30 s.
    private func isRunning(_ broker: BrokerProcess) async -> Bool {
        let hasSettled = await holds(within: .seconds(30), every: .milliseconds(20)) {
            broker.hasEnded || (UnixSocket.accepts(folder.socketPath) && broker.canBeTold)
        }
        return hasSettled && !broker.hasEnded
    }

    /// Looks until `condition` holds, and once more after the limit: a process that was kept from running has seen
    /// nothing yet when the time is up. False if it is cancelled.
    private func holds(
        within limit: Duration, every pause: Duration, _ condition: () -> Bool
    ) async -> Bool {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while !Task.isCancelled {
            let isLast = ContinuousClock.now >= deadline
            if condition() { return true }
            if isLast { return false }
            try? await Task.sleep(for: pause)
        }
        return false
    }

    private var lastWords: String {
        let text = (try? String(contentsOfFile: folder.logPath, encoding: .utf8)) ?? ""
        // mosquitto warns of root at each start, though its own reason for that is met by the configuration.
        let lines = text.split(separator: "\n").filter { !$0.contains("should not be run as root") }
        return lines.suffix(3).joined(separator: " | ")
    }

    /// Makes a running broker read credentials and rules again, if they have changed since it last did. False if
    /// none of ours runs; one that is just starting reads them again by itself once it takes connections.
    ///
    /// Not told without need: mosquitto 2.0 checks every session's password then, and has none of a session that it has
    /// read from its file. That one is kept, but may read nothing until its client connects again; so between a start
    /// of the broker and the server's first connection, messages of desks after this reach no server.
    @discardableResult
    package static func reload(_ folder: BrokerFolder) -> Bool {
        // The command line is compared, too: a stale pid may belong to another process, which a SIGHUP would end.
        guard let running = RunningBroker.find(in: folder) else { return false }
        // Read before the signal: a later writer sends a signal of its own.
        let access = AccessRead(by: running.pid, folder.access)
        guard folder.accessRead != access else { return true }
        guard kill(running.pid, SIGHUP) == 0 else { return false }
        // If this can't be noted, the next change signals once more.
        try? folder.note(access)
        return true
    }
}
