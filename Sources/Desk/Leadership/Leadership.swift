// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Logging
import Metrics
import SQL
package import Service
package import Store
import Synchronization

/// Ingests and delivers while this process leads, and stands by while another does.
///
/// A term begins when the database gives the lock, and ends with the connection that holds it: then the session at the
/// broker is closed, what is not committed stays with the broker, and this process stands by again.
package final class Leadership: Sendable {
    private let store: Store
    private let broker: BrokerConnection
    private let trail: DeliveryTracker
    /// What this process knows of how much the database takes at once: a term that a batch has ended is followed by
    /// another.
    private let pace = BatchPace()
    private let logger: Logger
    private let state: Mutex<State>

    private static let leads = Gauge(label: "consultease.leader")

    private struct State {
        var current: (ingest: Ingest, edge: DeskEdge)?
        var role: Role
        /// Since when it has been as it is.
        var since: Timestamp
    }

    /// What this process is now.
    package enum Role: String, Sendable {
        /// It isn't decided yet whether this process leads: it has just started, or its term has ended.
        case starting
        case leading
        /// Another process leads.
        case standingBy = "standing by"
    }

    /// - Parameter trail: what is committed is noted there, and followed to the screens.
    package init(store: Store, broker: BrokerConnection, trail: DeliveryTracker = DeliveryTracker(), logger: Logger) {
        self.store = store
        self.broker = broker
        self.trail = trail
        self.logger = logger
        state = Mutex(State(role: .starting, since: store.now))
        store.standBy()
        Self.leads.record(0)
    }

    package var role: (role: Role, since: Timestamp) {
        state.withLock { ($0.role, $0.since) }
    }

    /// Whether it is decided who leads; of the leader, whether the broker's session is there, whether the broker keeps
    /// what it takes, and whether messages are committed in time.
    package func checks() -> [HealthCheck] {
        let (current, role, since) = state.withLock { ($0.current, $0.role, $0.since) }
        guard role != .starting else {
            let detail = "starting: this server does not lead yet; its log says what it waits for"
            return [HealthCheck(name: "leader", failure: .init(detail: detail, since: since))]
        }
        let leader = HealthCheck(name: "leader", detail: role.rawValue)
        guard let current else { return [leader] }
        return [leader, current.edge.check(), current.edge.queueCheck(), current.ingest.check()]
    }

    /// Runs until cancelled. Throws if the broker's configuration can't be used at all.
    package func run() async throws {
        while !Task.isCancelled {
            let term: any LeaderTerm
            do {
                term = try await store.engine.lead { [weak self] in self?.standBy() }
            } catch is CancellationError {
                return
            }
            try await serve(term)
        }
    }

    private func serve(_ term: any LeaderTerm) async throws {
        do {
            var generator = SystemRandomNumberGenerator()
            try await store.adoptTimeline(via: term, newLineage: Lineage(using: &generator))
        } catch {
            logger.warning("The term ended before it began", metadata: ["error": "\(error)"])
            await term.resign()
            // Whatever keeps the database from being written to isn't gone at once.
            try? await Task.sleep(for: Self.pause)
            return
        }
        var generator = SystemRandomNumberGenerator()
        store.beginTerm(named: "\(UInt64.random(in: .min ... .max, using: &generator))")
        defer { store.standBy() }
        pace.beginTerm()
        let ingest = Ingest(store: store, writer: term, trail: trail, logger: logger, pace: pace)
        let edge = DeskEdge(broker: broker, ingest: ingest, store: store, term: term, logger: logger)
        enter((ingest, edge))
        logger.notice("This server leads: it ingests and delivers")
        defer {
            enter(nil)
            logger.notice("This server no longer leads")
        }
        let outcome = await work(term, ingest, edge)
        await term.resign()
        try outcome.get()
    }

    private static let pause = Duration.seconds(1)
    /// How long what was received may take to be committed at the end.
    private static let drainTimeout = Duration.seconds(5)

    /// Ends with the term, with cancellation, or with the edge's failure: the edge first, so that nothing more comes
    /// in, then the sequencer, once it has committed what came in.
    private func work(_ term: any LeaderTerm, _ ingest: Ingest, _ edge: DeskEdge) async -> Result<Void, any Error> {
        // Awaited below; not of this task, whose cancellation would keep it from committing what came in.
        let sequencer = Task { await ingest.run() }
        let outcome = await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                do {
                    try await edge.run()
                    return .success(())
                } catch is CancellationError {
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                await term.ended()
                return .success(())
            }
            let first = await group.next() ?? .success(())
            group.cancelAll()
            return first
        }
        ingest.drain()
        // Ends with the sequencer, or ends it; cancelled below if it wasn't needed.
        let limit = Task {
            try? await Task.sleep(for: Self.drainTimeout)
            sequencer.cancel()
        }
        await sequencer.value
        limit.cancel()
        return outcome
    }

    /// Another process leads, as the database says.
    private func standBy() {
        let now = store.now
        state.withLock { state in
            guard state.role == .starting else { return }
            state.role = .standingBy
            state.since = now
        }
    }

    private func enter(_ current: (ingest: Ingest, edge: DeskEdge)?) {
        let now = store.now
        state.withLock { $0 = State(current: current, role: current == nil ? .starting : .leading, since: now) }
        Self.leads.record(current == nil ? 0 : 1)
    }
}
