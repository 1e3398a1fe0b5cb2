// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Synchronization

/// The term of a server without successors: it ends when the server resigns.
final class SoleTerm: LeaderTerm {
    private let writer: any Writer
    private let end: AsyncStream<Void>
    private let ending: AsyncStream<Void>.Continuation
    private let isOver = Atomic(false)

    init(writer: any Writer) {
        self.writer = writer
        (end, ending) = AsyncStream.makeStream()
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value {
        try await requireHeld()
        return try await writer.write(body)
    }

    func requireHeld() async throws {
        guard !isOver.load(ordering: .acquiring) else {
            throw SQLError(code: .notLeader, message: "this server has resigned")
        }
    }

    func ended() async {
        for await _ in end {}
    }

    func resign() async {
        isOver.store(true, ordering: .releasing)
        ending.finish()
    }
}
