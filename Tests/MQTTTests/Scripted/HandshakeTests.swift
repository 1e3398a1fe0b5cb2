// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import Testing

@testable import MQTT

@Suite("Scripted server, handshake", .timeLimit(.minutes(5)))
struct HandshakeTests {
    /// 3.1.0-1.
    @Test(arguments: ProtocolVersion.allCases)
    func theFirstPacketIsConnect(version: ProtocolVersion) async throws {
        try await ScriptedBroker.with(version: version) { broker in
            var configuration = ClientConfiguration.scripted(broker, version)
            configuration.credentials = Credentials(userName: "u", password: "pässword")
            configuration.will = Will(topic: "w", payload: [1], isRetained: true, delaySeconds: version == .v5 ? 5 : 0)
            configuration.keepAlive = .seconds(7)
            let expected = configuration
            try await withClient(configuration) { _ in
                let peer = try await broker.accept()
                guard case .connect(let connect) = try await peer.next() else {
                    Issue.record("not a CONNECT")
                    return
                }
                #expect(connect.version == version)
                #expect(connect.cleanStart)
                #expect(connect.keepAlive == 7)
                #expect(connect.clientID == "c")
                #expect(connect.userName == "u")
                #expect(connect.password == Array("pässword".utf8))
                #expect(connect.will?.topic == "w" && connect.will?.isRetained == true)
                let properties: Properties =
                    version == .v5
                    ? [.receiveMaximum(expected.receiveMaximum), .maximumPacketSize(262_144)] : []
                #expect(connect.properties == properties)
                #expect(connect.will?.properties == (version == .v5 ? [.willDelayInterval(5)] : []))
            }
        }
    }

    /// 3.1.2-2: a 3.1.1 server refuses in its own form; 4.13.2-1: the client closes, whatever the server does.
    @Test func aServerOf311IsReportedAsAnUnsupportedVersion() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker)) { client in
                let peer = try await broker.accept()
                _ = try await peer.next()
                try await peer.send(bytes: [0x20, 2, 0, 1])
                #expect(try await peer.rest().isEmpty)
                try await eventually("reported") {
                    client.status.lastEnd == .refused(.unsupportedProtocolVersion, reason: nil)
                }
            }
        }
    }

    @Test func aPasswordIsNeverLogged() async throws {
        let log = RecordedLog()
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker)
            configuration.credentials = Credentials(userName: "user-unseen", password: "secret-unseen")
            #expect(!"\(configuration)".contains("unseen"))
            try await withClient(configuration, log: log) { client in
                let peer = try await broker.accept()
                _ = try await peer.next()
                try await peer.send(.connack(ConnAck(isSessionPresent: false, reasonCode: .badUserNameOrPassword)))
                try await eventually("reported") {
                    client.status.lastEnd == .refused(.badUserNameOrPassword, reason: nil)
                }
                #expect(client.status.counters.failedAttempts >= 1)
                #expect(client.status.counters.connections == 0)
                try await eventually("logged") { log.all.contains { $0.contains("0x86 bad user name or password") } }
            }
        }
        #expect(!log.all.contains { $0.contains("unseen") })
    }

    /// 3.2.2-4: the marker is recorded before CONNECT; the client closes on an unknown session, and then discards it.
    @Test func anUnknownSessionIsClosedOnAndDiscarded() async throws {
        let marker = MemoryMarker()
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker, marker: marker)) { client in
                let first = try await broker.accept()
                guard case .connect(let connect) = try await first.next() else { return }
                #expect(marker.calls == ["has", "record"])
                #expect(!connect.cleanStart)
                #expect(connect.properties.list.contains(.sessionExpiryInterval(3_600)))
                try await first.send(.connack(ConnAck(isSessionPresent: true, reasonCode: .success)))
                #expect(try await first.rest() == [.disconnect(Disconnect())])
                let second = try await broker.accept()
                guard case .connect(let again) = try await second.next() else { return }
                #expect(again.cleanStart)
                try await second.send(.connack(ConnAck(isSessionPresent: false, reasonCode: .success)))
                try await client.connected()
                #expect(client.status.state == .connected(sessionResumed: false))
                #expect(client.status.lastEnd == .unknownSession)
            }
        }
    }

    /// 3.1.2-23, 3.2.2-5 across processes: the earlier process's marker lets the client resume the session, or notice
    /// its loss.
    @Test(arguments: [true, false])
    func anEarlierProcessesSessionIsResumedOrMissed(isPresent: Bool) async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker, marker: MemoryMarker(hasSession: true))) { client in
                _ = try await broker.acceptAndConnect(sessionPresent: isPresent)
                try await client.connected()
                #expect(client.status.state == .connected(sessionResumed: isPresent))
                #expect(client.status.counters.sessionsLost == (isPresent ? 0 : 1))
            }
        }
    }

    /// If the server says that it keeps no session, the marker is removed.
    @Test func theMarkerGoesWhereTheServerKeepsNoSession() async throws {
        let marker = MemoryMarker()
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker, marker: marker)) { client in
                let peer = try await broker.acceptAndConnect([.sessionExpiryInterval(0)])
                try await client.connected()
                try await peer.close()
                _ = try await broker.acceptAndConnect()
                #expect(marker.calls == ["has", "record", "forget", "record"])
            }
        }
    }

    @Test func connackAndSubackHaveADeadline() async throws {
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker, filters: ["a"])
            configuration.connectTimeout = .seconds(2)
            try await withClient(configuration) { client in
                let silent = try await broker.accept()
                #expect(try await silent.rest().count == 1)
                try await eventually("reported") { client.status.lastEnd == .timedOut(.connack) }
                // On a busy machine a client that is answered too late has given up before it subscribed.
                var packets = 0
                while packets == 0 { packets = (try? await broker.acceptAndConnect().rest().count) ?? 0 }
                #expect(packets == 1)
                try await eventually("reported") { client.status.lastEnd == .timedOut(.suback) }
            }
        }
    }

    @Test func aRefusedSubscriptionIsReportedAndTriedAgain() async throws {
        let log = RecordedLog()
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker, filters: ["a/+"]), log: log) { client in
                try await broker.acceptAndConnect().grant(.notAuthorized)
                let refusal = SubscriptionRefusal(filter: "a/+", reasonCode: .notAuthorized)
                try await eventually("reported") {
                    client.status.refusedSubscriptions == [refusal] && client.status.lastEnd != nil
                }
                #expect(client.status.lastEnd == .subscriptionRefused(refusal))
                #expect(log.all.contains { $0.hasPrefix("error: MQTT subscription refused") })
                try await broker.acceptAndConnect().grant()
                try await client.connected()
                #expect(client.status.refusedSubscriptions.isEmpty)
            }
        }
    }

    /// A take-over (MQTT 5.0, 3.1.4) may appear as a plain close, repeatedly.
    @Test func aTakeoverIsWarnedOf() async throws {
        let log = RecordedLog()
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker), log: log) { client in
                for _ in 0..<3 { try await broker.acceptAndConnect().close() }
                try await eventually("warned") {
                    log.all.contains { $0.hasPrefix("warning: MQTT client id seems to be used by another client") }
                }
                #expect(client.status.lastEnd == .closedByServer)
            }
        }
    }

    @Test func aClientRunsOnceAndOnlyIfItCan() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker)) { client in
                _ = try await broker.acceptAndConnect()
                try await client.connected()
                await #expect(throws: ConfigurationError.self) { try await client.run() }
            }
            var configuration = ClientConfiguration.scripted(broker, marker: MemoryMarker())
            configuration.clientID = ""
            let client = MQTTClient(configuration: configuration, logger: RecordedLog().logger)
            await #expect(throws: ConfigurationError.self) { try await client.run() }
        }
    }
}
