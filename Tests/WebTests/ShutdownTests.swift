// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import ServiceLifecycle
import Synchronization
import Testing

@testable import Web

@Suite("Shutdown", .timeLimit(.minutes(5)))
struct ShutdownTests {
    /// Checks that the server has ended, and without an error.
    private static func expectEnd(of edge: Edge) async throws {
        try await eventually("the server has ended") { edge.end.result.withLock { $0 != nil } }
        try edge.end.result.withLock { try $0?.get() }
    }

    @Test func endsStreamsWaitingReadsAndIdleConnectionsAtOnce() async throws {
        // The limits are longer than the test: whatever ends, ends by itself.
        var limits = WebLimits()
        limits.shutdown = .seconds(300)
        limits.readWait = .seconds(300)
        try await withEdge(limits) { edge in
            let asked = edge.tag(Revision(edge.tag.revision.number + 1000))
            try await withConnection(to: edge.port) { idle in
                try await idle.send("GET", "/health/live")
                _ = try await idle.answer()
                // The task is awaited below.
                let waiting = Task { try await edge.request("GET", "/api/v1/faculty?at-least=\(asked)") }
                try await edge.events { reader in
                    _ = try await reader.nextChange()
                    try await eventually("one reads, one waits") {
                        edge.board.subscriberCount + edge.board.waiterCount == 2
                    }
                    await edge.group.triggerGracefulShutdown()
                    var last: Event?
                    while let event = try await reader.next() { last = event }
                    #expect(last.map { $0.kind == "beat" } ?? true)
                    let answer = try await waiting.value
                    #expect(answer.status == 503)
                    #expect(try await idle.textUntilClosed().isEmpty)
                    try await Self.expectEnd(of: edge)
                }
            }
            #expect(edge.board.subscriberCount + edge.board.waiterCount == 0)
        }
    }

    @Test func cutsAReaderThatDoesNotReadWithinTheLimit() async throws {
        var limits = WebLimits()
        limits.shutdown = .milliseconds(500)
        try await withEdge(limits) { edge in
            try await edge.events(receiveBuffer: 8192) { stalled in
                _ = try await stalled.nextChange()
                for number in 1...60 {
                    try await edge.edit(1, directions: "\(number) " + String(repeating: "up the stairs; ", count: 3000))
                }
                await edge.group.triggerGracefulShutdown()
                try await Self.expectEnd(of: edge)
            }
        }
    }
}
