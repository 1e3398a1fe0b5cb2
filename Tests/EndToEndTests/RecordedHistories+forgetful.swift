// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Randomness
import SQL
import Synchronization
import TestSupport

/// An engine that sometimes can't report the outcome of a commit: whether it happened or not, the caller doesn't learn
/// it.
final class ForgetfulEngine: Engine {
    private let engine: any Engine
    private let state: Mutex<State>

    private struct State {
        var generator: SeededGenerator
        /// One write in this many has an unknown outcome; 0 means none.
        let every: Int

        mutating func next() -> Outcome {
            guard every > 0, Int.random(in: 0..<every, using: &generator) == 0 else { return .told }
            return Bool.random(using: &generator) ? .happened : .didNot
        }
    }

    private enum Outcome {
        case told
        case happened
        case didNot
    }

    init(_ engine: any Engine, seed: UInt64, every: Int) {
        self.engine = engine
        state = Mutex(State(generator: SeededGenerator(seed: seed), every: every))
    }

    private static let unknown = SQLError(code: .unknownOutcome, message: "the outcome of COMMIT is unknown")

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value {
        try await write(on: engine, body)
    }

    fileprivate func write<Value: Sendable>(
        on writer: any Writer, _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        let outcome = state.withLock { $0.next() }
        let value = try await writer.write { connection in
            let value = try body(connection)
            if outcome == .didNot { throw Self.unknown }
            return value
        }
        if outcome == .happened { throw Self.unknown }
        return value
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value {
        try await engine.read(body)
    }

    func outsideVersion() async throws -> Int64 { try await engine.outsideVersion() }

    func announcements() -> AsyncStream<Int64> { engine.announcements() }

    func lead(onStandingBy: @escaping @Sendable () -> Void) async throws -> any LeaderTerm {
        ForgetfulTerm(engine: self, term: try await engine.lead(onStandingBy: onStandingBy))
    }

    func close() throws { try engine.close() }
}

private struct ForgetfulTerm: LeaderTerm {
    let engine: ForgetfulEngine
    let term: any LeaderTerm

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value {
        try await engine.write(on: term, body)
    }

    func requireHeld() async throws { try await term.requireHeld() }

    func ended() async { await term.ended() }

    func resign() async { await term.resign() }
}
