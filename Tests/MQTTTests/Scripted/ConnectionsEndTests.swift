// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOConcurrencyHelpers
import Testing

@testable import MQTT

/// Tests what happens to received data when a connection ends, and when an outage begins.
@Suite("Scripted server, ends of connections", .timeLimit(.minutes(5)))
struct ConnectionsEndTests {
    /// The application is behind, so the socket is not read. No other copy exists of the QoS 0 messages read so far.
    @Test func receivedQoS0MessagesAreHandedOn() async throws {
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker)
            configuration.bufferLimit = 2
            try await withClient(configuration) { client in
                let peer = try await broker.acceptAndConnect()
                try await client.connected()
                var bytes: [UInt8] = []
                for number in 0..<20 as Range<UInt8> {
                    bytes += Bytes.packet(0x30, Bytes.string("a"), [0], [number])
                    bytes += Bytes.packet(0x32, Bytes.string("b"), [0, number + 1], [0], [number])
                }
                try await peer.send(bytes: bytes)
                try await eventually("reading pauses") { client.status.isReadingPaused }
                try await peer.close()
                try await eventually("the connection ends") { client.status.lastEnd != nil }
                let received = client.takeWaitingMessages()
                #expect(received.filter { $0.qos == .atMostOnce }.map(\.payload) == (0..<20).map { [$0] })
                #expect(client.status.counters.bytesDropped == 0)
                #expect(client.takeWaitingMessages().isEmpty)
            }
        }
    }

    /// Failed attempts and short connections belong to one outage.
    @Test func anOutageBeginsOnce() async throws {
        let time = ManualMilliseconds()
        let board = StatusBoard(now: { time.value }, stableAfter: .seconds(10))
        #expect(board.status.downSince == nil)
        func enter(_ state: ConnectionState, at moment: Int64) -> Int64? {
            time.set(moment)
            board.enter(state)
            return board.status.downSince
        }
        #expect(enter(.connecting, at: 1_000) == 1_000)
        #expect(enter(.disconnected(.connectFailed("no")), at: 2_000) == 1_000)
        #expect(enter(.connecting, at: 3_000) == 1_000)
        #expect(enter(.connected(sessionResumed: false), at: 4_000) == 1_000)
        #expect(enter(.disconnected(.closedByServer), at: 13_999) == 1_000)
        #expect(enter(.connecting, at: 15_000) == 1_000)
        #expect(enter(.connected(sessionResumed: true), at: 16_000) == 1_000)
        #expect(enter(.disconnected(.closedByServer), at: 26_000) == 26_000)
        #expect(enter(.connecting, at: 27_000) == 26_000)
    }
}

/// A clock that the test sets.
private final class ManualMilliseconds: Sendable {
    private let moment = NIOLockedValueBox<Int64>(0)
    var value: Int64 { moment.withLockedValue { $0 } }
    func set(_ value: Int64) { moment.withLockedValue { $0 = value } }
}
