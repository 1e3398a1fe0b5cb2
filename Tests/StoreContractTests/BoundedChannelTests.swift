// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Dispatch
import Store
import Synchronization
import TestSupport
import Testing

@Suite("The hand-over between two threads")
struct BoundedChannelTests {
    private struct Failure: Error {}

    /// Runs `body` on a thread that may block.
    private func thread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "side").async { continuation.resume(with: Result(catching: body)) }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [1, 2, 7])
    func allPiecesComeInOrderAndNeverMoreThanFitWait(_ capacity: Int) async throws {
        let channel = BoundedChannel<Int>(capacity: capacity)
        let between = Atomic(0)
        async let put: Void = thread {
            for piece in 0..<500 {
                try channel.put(piece)
                between.add(1, ordering: .relaxed)
            }
            channel.end(.success(()))
        }
        let (taken, most) = try await thread {
            var taken: [Int] = []
            var most = 0
            while let piece = try channel.take() {
                most = max(most, between.load(ordering: .relaxed) - taken.count)
                taken.append(piece)
            }
            return (taken, most)
        }
        try await put
        #expect(taken == Array(0..<500))
        // One element more than the capacity is possible: `put` may have returned for an element that was taken a
        // moment ago.
        #expect(most <= capacity + 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func aReaderThatWaitsForAPlaceIsToldOfTheEnd() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        let isFull = Atomic(false)
        let outcome = Task {
            try await thread {
                try channel.put(1)
                isFull.store(true, ordering: .releasing)
                try channel.put(2)
            }
        }
        try await eventually { isFull.load(ordering: .acquiring) }
        channel.end(.failure(Failure()))
        await #expect(throws: Failure.self) { try await outcome.value }
    }

    @Test(.timeLimit(.minutes(5)))
    func aWriterThatWaitsForAPieceIsToldOfTheEnd() async throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        let outcome = Task { try await thread { try channel.take() } }
        channel.end(.failure(Failure()))
        await #expect(throws: Failure.self) { _ = try await outcome.value }
    }

    @Test func aSideThatBeginsAnewIsRefused() throws {
        let channel = BoundedChannel<Int>(capacity: 1)
        try channel.begin(putting: true)
        try channel.begin(putting: false)
        #expect(throws: CopyError.self) { try channel.begin(putting: true) }
        #expect(throws: CopyError.self) { try channel.begin(putting: false) }
    }
}
