// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
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
    /// What works while this process leads. Which process leads is the store's to say.
    private let current = Mutex<(ingest: Ingest, edge: DeskEdge)?>(nil)

    private static let leads = Gauge(label: "consultease.leader")

    /// - Parameter trail: what is committed is noted there, and followed to the screens.
    package init(store: Store, broker: BrokerConnection, trail: DeliveryTracker = DeliveryTracker(), logger: Logger) {
        self.store = store
        self.broker = broker
        self.trail = trail
        self.logger = logger
        store.take(.undecided)
        Self.leads.record(0)
    }

    /// Says whether it is decided which server leads. For the leader it also says whether the broker's session is
    /// there, whether the broker keeps its messages, and whether messages are committed in time.
    package func checks() -> [HealthCheck] {
        let (part, since) = store.leadership
        switch part {
        case .standingBy, .alone:
            return [HealthCheck(name: "leader", detail: part.word)]
        case .leading:
            // Nil while the term begins or ends.
            guard let (ingest, edge) = current.withLock({ $0 }) else { fallthrough }
            return [HealthCheck(name: "leader", detail: part.word), edge.check(), edge.queueCheck(), ingest.check()]
        case .undecided:
            let detail = "starting: this server does not lead yet; its log says what it waits for"
            return [HealthCheck(name: "leader", failure: .init(detail: detail, since: since))]
        }
    }

    /// Runs until cancelled. Throws if the broker's configuration can't be used at all.
    package func run() async throws {
        while !Task.isCancelled {
            let term: any LeaderTerm
            do {
                term = try await store.engine.lead { [store] in store.standByUnlessLeading() }
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
        pace.beginTerm()
        let ingest = Ingest(store: store, writer: term, trail: trail, logger: logger, pace: pace)
        let edge = DeskEdge(broker: broker, ingest: ingest, store: store, term: term, logger: logger)
        begin(ingest, edge)
        defer { end() }
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

    private func begin(_ ingest: Ingest, _ edge: DeskEdge) {
        var generator = SystemRandomNumberGenerator()
        current.withLock { $0 = (ingest, edge) }
        store.beginTerm(named: "\(UInt64.random(in: .min ... .max, using: &generator))")
        Self.leads.record(1)
        logger.notice("This server leads: it ingests and delivers")
    }

    private func end() {
        store.take(.undecided)
        current.withLock { $0 = nil }
        Self.leads.record(0)
        logger.notice("This server no longer leads")
    }
}

extension Store.Part {
    /// What `/health/ready` calls it.
    package var word: String {
        switch self {
        case .alone: "alone"
        case .undecided: "starting"
        case .leading: "leading"
        case .standingBy: "standing by"
        }
    }
}
