// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
package import Logging

/// The broker that belongs to a data folder. One runs at a time: a second start adopts it, so that an upgrade of the server
/// doesn't drop the desks.
package struct EmbeddedBroker: Sendable {
    private let folder: BrokerFolder
    private let configuration: BrokerConfiguration
    private let logger: Logger

    package init(folder: BrokerFolder, configuration: BrokerConfiguration, logger: Logger) {
        self.folder = folder
        self.configuration = configuration
        self.logger = logger
    }

    /// What `running.json` tells of the broker that runs.
    private struct Running: Codable {
        let pid: pid_t
        /// The configuration that it was started with: another one means another broker.
        let configuration: String
    }

    /// Runs the broker until cancelled, starting it again (and saying so) where it stops. `onReady` is called each time that
    /// it accepts connections. An adopted broker is left running at the end; a child is stopped after saving its queue.
    ///
    /// Whoever has started one holds the folder's broker lock for as long as it runs: two at once would take each other's
    /// socket away. So where another process restarts the broker, this one waits and adopts it.
    package func run(onReady: @Sendable () -> Void = {}) async throws {
        try folder.prepare(configuration)
        var hasRun = false
        var isPatient = false
        while !Task.isCancelled {
            if let running = await adoptable() {
                await follow(running, onReady: onReady)
                // Its own service is likely to start it again.
                (hasRun, isPatient) = (true, true)
                continue
            }
            if isPatient {
                isPatient = false
                if await another(within: Self.patience) { continue }
                if Task.isCancelled { return }
                logger.error("The adopted broker has stopped; starting one of our own")
            }
            guard let lock = BrokerLock(folder) else {
                try? await Task.sleep(for: .milliseconds(100))
                continue
            }
            let started = ContinuousClock.now
            do {
                let broker = try await BrokerProcess.start(
                    configuration: folder.configurationPath, log: folder.logPath)
                try await supervise(broker, onReady: onReady)
                hasRun = true
            } catch  where hasRun {
                // The desks had a broker before: it is tried again, and readiness says that there is none.
                logger.error("The broker can't be started again; trying on", metadata: ["error": "\(error)"])
            }
            _ = consume lock
            if Task.isCancelled { return }
            // One that can't even run for a moment won't do better when tried at once.
            if started.duration(to: .now) < .seconds(1) { try? await Task.sleep(for: .seconds(1)) }
        }
    }

    /// How long the process that ran the broker has for starting it again.
    private static let patience = Duration.seconds(3)

    private func follow(_ running: Running, onReady: @Sendable () -> Void) async {
        logger.info("Adopted the broker that runs for this data folder", metadata: ["pid": "\(running.pid)"])
        // Its rules and credentials are what `prepare` has just written.
        Self.reload(folder)
        onReady()
        while !Task.isCancelled, kill(running.pid, 0) == 0 { try? await Task.sleep(for: .milliseconds(500)) }
    }

    /// Whether another process has started a broker that answers.
    private func another(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while ContinuousClock.now < deadline, !Task.isCancelled {
            if await adoptable() != nil { return true }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    private func supervise(_ broker: BrokerProcess, onReady: @Sendable () -> Void) async throws {
        try await withTaskCancellationHandler {
            let ended = Task { await broker.ended() }  // Awaited below, in every case.
            guard await isListening(broker) else {
                broker.stop()
                _ = await ended.value
                if Task.isCancelled { return }
                throw BrokerError.didNotStart(listening: configuration.listening, log: lastWords)
            }
            try note(broker.pid)
            logger.info("The broker is running", metadata: ["pid": "\(broker.pid)", "desks": "\(configuration.desks)"])
            onReady()
            let status = await ended.value
            try? FileManager.default.removeItem(at: folder.runningPath)
            guard !Task.isCancelled else { return }
            logger.error(
                "The broker stopped; starting it again", metadata: ["status": "\(status ?? -1)", "log": "\(lastWords)"])
        } onCancel: {
            broker.stop()
        }
    }

    /// Waits until the socket takes a connection; false where the child ends first, or after 10 s.
    private func isListening(_ broker: BrokerProcess) async -> Bool {
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while ContinuousClock.now < deadline, !Task.isCancelled, !broker.hasEnded {
            if UnixSocket.accepts(folder.socketPath) { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    private func adoptable() async -> Running? {
        guard let data = try? Data(contentsOf: folder.runningPath),
            let running = try? JSONDecoder().decode(Running.self, from: data), isOurs(running.pid)
        else { return nil }
        if running.configuration == configuration.text(folder: folder.url.path), UnixSocket.accepts(folder.socketPath) {
            return running
        }
        logger.notice("Stopping a broker of an older configuration", metadata: ["pid": "\(running.pid)"])
        kill(running.pid, SIGTERM)
        // It saves its queue before it ends, and holds the ports until then.
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while kill(running.pid, 0) == 0, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }

    /// Whether the process is a mosquitto with our configuration file: a pid alone may be anybody's by now.
    private func isOurs(_ pid: pid_t) -> Bool {
        guard let command = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")) else { return false }
        return command.split(separator: 0).contains(Data(folder.configurationPath.utf8))
    }

    private func note(_ pid: pid_t) throws {
        // As it was read, not as we would have written it: another process may have prepared the folder since.
        let text = try String(contentsOfFile: folder.configurationPath, encoding: .utf8)
        let running = Running(pid: pid, configuration: text)
        try JSONEncoder().encode(running).write(to: folder.runningPath, options: .atomic)
    }

    private var lastWords: String {
        let text = (try? String(contentsOfFile: folder.logPath, encoding: .utf8)) ?? ""
        // mosquitto warns of root at each start, though its own reason for that is met by the configuration.
        let lines = text.split(separator: "\n").filter { !$0.contains("should not be run as root") }
        return lines.suffix(3).joined(separator: " | ")
    }

    /// Makes a running broker read credentials and rules again. False where none of ours runs.
    @discardableResult
    package static func reload(_ folder: BrokerFolder) -> Bool {
        // Asked for by its command line too: a stale pid may be anybody's by now, and a SIGHUP would end them.
        guard let pid = folder.inspection().pid else { return false }
        return kill(pid, SIGHUP) == 0
    }
}
