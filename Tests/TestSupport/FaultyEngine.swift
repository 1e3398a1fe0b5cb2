// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import SQL
import Synchronization

/// An engine with planned faults: it holds commits back, or fails them.
package final class FaultyEngine: Engine {
    private let engine: any Engine
    private let plan = Mutex(Plan())

    private struct Plan {
        var failures: [SQLError] = []
        var commitFailures: [SQLError] = []
        var held: [CheckedContinuation<Void, Never>] = []
        var holds = false
        var failsReads = false
        var waitingForHold: [CheckedContinuation<Void, Never>] = []
    }

    package init(_ engine: any Engine) {
        self.engine = engine
    }

    /// Makes the next writes fail with these errors, one each, before anything is written.
    package func failNextWrites(_ errors: [SQLError]) {
        plan.withLock { $0.failures += errors }
    }

    /// Makes the next writes fail with these errors, one each, at COMMIT, after all of their statements.
    package func failNextCommits(_ errors: [SQLError]) {
        plan.withLock { $0.commitFailures += errors }
    }

    /// Starts or stops failing reads, as if the database were out of reach.
    package func failReads(_ fails: Bool) {
        plan.withLock { $0.failsReads = fails }
    }

    /// Makes writes wait before they begin, until `release()`.
    package func hold() {
        plan.withLock { $0.holds = true }
    }

    /// Returns when a write is waiting.
    package func writeIsHeld() async {
        await withCheckedContinuation { continuation in
            let isHeld = plan.withLock { plan in
                guard plan.held.isEmpty else { return true }
                plan.waitingForHold.append(continuation)
                return false
            }
            if isHeld { continuation.resume() }
        }
    }

    package func release() {
        let held = plan.withLock { plan in
            plan.holds = false
            defer { plan.held = [] }
            return plan.held
        }
        for continuation in held { continuation.resume() }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await write(on: engine, body)
    }

    fileprivate func write<Value: Sendable>(
        on writer: any Writer, _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        await withCheckedContinuation { continuation in
            let (goesOn, told) = plan.withLock { plan -> (Bool, [CheckedContinuation<Void, Never>]) in
                guard plan.holds else { return (true, []) }
                plan.held.append(continuation)
                defer { plan.waitingForHold = [] }
                return (false, plan.waitingForHold)
            }
            if goesOn { continuation.resume() }
            for waiting in told { waiting.resume() }
        }
        if let failure = plan.withLock({ $0.failures.isEmpty ? nil : $0.failures.removeFirst() }) { throw failure }
        let commitFailure = plan.withLock { $0.commitFailures.isEmpty ? nil : $0.commitFailures.removeFirst() }
        return try await writer.write { connection in
            let value = try body(connection)
            if let commitFailure { throw commitFailure }
            return value
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        guard !plan.withLock(\.failsReads) else {
            throw SQLError(code: .connectionLost, message: "a test keeps the database out of reach")
        }
        return try await engine.read(body)
    }

    package func outsideVersion() async throws -> Int64 { try await engine.outsideVersion() }

    package func announcements() -> AsyncStream<Int64> { engine.announcements() }

    package func lead(onStandingBy: @escaping @Sendable () -> Void) async throws -> any LeaderTerm {
        FaultyTerm(faults: self, term: try await engine.lead(onStandingBy: onStandingBy))
    }

    package func close() throws { try engine.close() }
}

/// A leader's term whose writes have the same faults.
private struct FaultyTerm: LeaderTerm {
    let faults: FaultyEngine
    let term: any LeaderTerm

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value {
        try await faults.write(on: term, body)
    }

    func requireHeld() async throws { try await term.requireHeld() }

    func ended() async { await term.ended() }

    func resign() async { await term.resign() }
}
