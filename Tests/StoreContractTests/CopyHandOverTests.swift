// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Dispatch
import Store
import Synchronization
import TestSupport
import Testing

@Suite("The hand-over between two threads")
struct CopyHandOverTests {
    private struct Failure: Error {}

    /// Runs `body` on a thread that may be blocked.
    private func thread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "side").async { continuation.resume(with: Result(catching: body)) }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [1, 2, 7])
    func allPiecesComeInOrderAndNeverMoreThanFitWait(_ capacity: Int) async throws {
        let handOver = HandOver<Int>(capacity: capacity)
        let between = Atomic(0)
        async let put: Void = thread {
            for piece in 0..<500 {
                try handOver.put(piece)
                between.add(1, ordering: .relaxed)
            }
            handOver.end(.success(()))
        }
        let (taken, most) = try await thread {
            var taken: [Int] = []
            var most = 0
            while let piece = try handOver.take() {
                most = max(most, between.load(ordering: .relaxed) - taken.count)
                taken.append(piece)
            }
            return (taken, most)
        }
        try await put
        #expect(taken == Array(0..<500))
        // One more than waits: the reader may have come back from `put` for what was taken a moment ago.
        #expect(most <= capacity + 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func aReaderThatWaitsForAPlaceIsToldOfTheEnd() async throws {
        let handOver = HandOver<Int>(capacity: 1)
        let isFull = Atomic(false)
        let outcome = Task {
            try await thread {
                try handOver.put(1)
                isFull.store(true, ordering: .releasing)
                try handOver.put(2)
            }
        }
        try await eventually { isFull.load(ordering: .acquiring) }
        handOver.end(.failure(Failure()))
        await #expect(throws: Failure.self) { try await outcome.value }
    }

    @Test(.timeLimit(.minutes(5)))
    func aWriterThatWaitsForAPieceIsToldOfTheEnd() async throws {
        let handOver = HandOver<Int>(capacity: 1)
        let outcome = Task { try await thread { try handOver.take() } }
        handOver.end(.failure(Failure()))
        await #expect(throws: Failure.self) { _ = try await outcome.value }
    }

    @Test func aSideThatBeginsAnewIsRefused() throws {
        let handOver = HandOver<Int>(capacity: 1)
        try handOver.begin(putting: true)
        try handOver.begin(putting: false)
        #expect(throws: CopyError.self) { try handOver.begin(putting: true) }
        #expect(throws: CopyError.self) { try handOver.begin(putting: false) }
    }
}
