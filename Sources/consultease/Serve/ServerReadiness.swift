// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Service
import Store
import Synchronization

/// Whether this server may be relied on: the database takes writes, the broker has our session, ingest and board keep
/// up.
final class ServerReadiness: Readiness {
    private let store: Store
    private let board: Board
    private let leadership: Leadership
    private let hasBrokerOfItsOwn: Bool
    /// Which session keeps us from writing, for people; nil while none does.
    private let blockers: @Sendable () -> String?
    private let probe = Mutex(Probe())

    private struct Probe {
        var answer = HealthCheck(name: "database")
        var askedAt: ContinuousClock.Instant?
        var isUnderWay = false
    }

    /// One probe serves all requests within this time: a monitor must not become a load.
    private static let probeLifetime = Duration.seconds(1)
    /// A write that takes longer than this is no write.
    private static let probeLimit = Duration.seconds(2)

    init(
        store: Store, board: Board, leadership: Leadership, hasBrokerOfItsOwn: Bool,
        blockers: @escaping @Sendable () -> String? = { nil }
    ) {
        self.store = store
        self.board = board
        self.leadership = leadership
        self.hasBrokerOfItsOwn = hasBrokerOfItsOwn
        self.blockers = blockers
    }

    func checks() async -> [HealthCheck] {
        ([await database()] + leadership.checks().map(seenFromHere)).map(withBlockers) + [boardCheck]
    }

    /// Names the session that a write waits for.
    private func withBlockers(_ check: HealthCheck) -> HealthCheck {
        guard ["database", "ingest"].contains(check.name), let failure = check.failure, let blockers = blockers() else {
            return check
        }
        return HealthCheck(
            name: check.name, failure: .init(detail: "\(failure.detail); \(blockers)", since: failure.since),
            detail: blockers)
    }

    var role: String? { store.leadership.part.word }

    /// A standby is ready, unless desks speak to a broker that only this server would listen to.
    private func seenFromHere(_ check: HealthCheck) -> HealthCheck {
        let (part, since) = store.leadership
        guard check.name == "leader", case .standingBy = part, hasBrokerOfItsOwn else { return check }
        let detail =
            "another server leads, and no server listens to this one's own broker: give all of them one with --broker"
        return HealthCheck(name: check.name, failure: .init(detail: detail, since: since))
    }

    private var boardCheck: HealthCheck {
        guard let since = board.failingSince else { return HealthCheck(name: "board") }
        return HealthCheck(name: "board", failure: .init(detail: "the board can't follow the database", since: since))
    }

    private func database() async -> HealthCheck {
        let mustAsk = probe.withLock { probe in
            let isFresh = probe.askedAt.map { $0.duration(to: .now) < Self.probeLifetime } ?? false
            guard !isFresh, !probe.isUnderWay else { return false }
            probe.isUnderWay = true
            return true
        }
        guard mustAsk else { return probe.withLock(\.answer) }
        let failure = await write()
        let now = store.now
        return probe.withLock { probe in
            let since = probe.answer.failure?.since ?? now
            probe.answer = HealthCheck(name: "database", failure: failure.map { .init(detail: $0, since: since) })
            probe.askedAt = .now
            return probe.answer
        }
    }

    /// Why a write fails; nil if it doesn't.
    private func write() async -> String? {
        let (answers, answer) = AsyncStream.makeStream(of: String?.self, bufferingPolicy: .bufferingOldest(1))
        // No task awaits the write: it ignores cancellation and may hang as long as the database does, which the caller
        // must not. One is under way at most, for as long as `isUnderWay` says.
        Task { [store] in
            do {
                try await store.write { _ in }
                answer.yield(nil)
            } catch {
                answer.yield("a write fails: \(error)")
            }
            probe.withLock { $0.isUnderWay = false }
        }
        let deadline = Task {
            try? await Task.sleep(for: Self.probeLimit)
            answer.yield("a write takes longer than \(Self.probeLimit)")
        }
        defer { deadline.cancel() }
        for await first in answers { return first }
        return nil
    }
}
