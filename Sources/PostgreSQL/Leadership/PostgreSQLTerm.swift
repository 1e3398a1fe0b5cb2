// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// A term of leadership: the connection that holds the lock is also the one that writes.
final class PostgreSQLTerm: LeaderTerm {
    /// A server's answer no older than this proves that the lock is held.
    private static let freshness = Duration.seconds(1)

    private let leader: LeaderConnection
    private let statementTimeout: Duration

    init(leader: LeaderConnection, statementTimeout: Duration) {
        self.leader = leader
        self.statementTimeout = statementTimeout
    }

    deinit {
        leader.stop()
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value {
        let statementTimeout = statementTimeout
        return try await withCheckedThrowingContinuation { continuation in
            leader.submit(
                LeaderConnection.Job(
                    run: { link in
                        let number: UInt64
                        do throws(SQLError) {
                            number = try link.beginWriting()
                        } catch {
                            let isOver = link.isBroken || error.code == .connectionLost
                            return .now { continuation.resume(throwing: isOver ? LeaderConnection.notLeader : error) }
                        }
                        switch link.finishWriting(number, statementTimeout: statementTimeout, body) {
                        case .committed(let value): return .now { continuation.resume(returning: value) }
                        case .failed(let error): return .now { continuation.resume(throwing: error) }
                        case .unanswered(let value, let transaction):
                            return .afterInquiry(transaction) { continuation.resume(with: $0.result(value)) }
                        }
                    },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    func requireHeld() async throws {
        guard let lastHeard = leader.lastHeard else { throw LeaderConnection.notLeader }
        if ContinuousClock.now - lastHeard <= Self.freshness { return }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            leader.submit(
                LeaderConnection.Job(
                    run: { link in
                        let isHeld = (try? link.simple("SELECT 1", within: .seconds(3))) != nil
                        return .now {
                            isHeld ? continuation.resume() : continuation.resume(throwing: LeaderConnection.notLeader)
                        }
                    },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    func ended() async {
        for await _ in leader.watch() {}
    }

    func resign() async {
        leader.stop()
        await ended()
    }
}
