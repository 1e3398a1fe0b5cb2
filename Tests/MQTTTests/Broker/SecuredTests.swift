// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import MQTT

/// The client works against a real broker with certificates made for the test.
@Suite(
    "Mosquitto over TLS", .serialized, .enabled(if: Mosquitto.isInstalled && Certificates.isPossible),
    .timeLimit(.minutes(5)))
struct SecuredTests {
    let certificates: Certificates

    init() throws {
        certificates = try Certificates.shared.get()
    }

    @Test(arguments: ProtocolVersion.allCases, ["localhost", "127.0.0.1"])
    func messagesGoRound(version: ProtocolVersion, host: String) async throws {
        try await Mosquitto.with(certificates.listener(.good), files: certificates.files) { broker in
            var configuration = broker.configuration(version, id: "one", filters: ["t/#"])
            configuration.address = broker.secured(try certificates.settings(), host: host)
            let log = RecordedLog()
            try await withClient(configuration, log: log) { client in
                try await client.connected()
                var messages = client.messages.makeAsyncIterator()
                let large = [UInt8](repeating: 7, count: 200_000)
                #expect(try await client.publish(topic: "t/large", payload: large) == .acknowledged(.success))
                let message = try #require(await messages.next())
                #expect(message.payload == large)
                message.ack()
                #expect(try await client.publish(topic: "t/0", payload: [1], qos: .atMostOnce) == .handedOver)
                #expect(await messages.next()?.payload == [1])
                for number in 0..<100 {
                    let retains = number == 99
                    #expect(
                        try await client.publish(topic: "t/1", payload: [UInt8(number)], retain: retains)
                            == .acknowledged(.success))
                    let message = try #require(await messages.next())
                    #expect(message.payload == [UInt8(number)])
                    message.ack()
                }
            }
            // Another client, without TLS, reads the retained message.
            try await withClient(broker.configuration(id: "two", filters: ["t/1"])) { client in
                var messages = client.messages.makeAsyncIterator()
                let retained = try #require(await messages.next())
                #expect(retained.payload == [99] && retained.isRetained)
            }
            // The first client ended MQTT with DISCONNECT, and TLS with close_notify.
            try await eventually("goodbye") { broker.log.contains("Client one disconnected.") }
            #expect(!broker.log.contains("OpenSSL Error"), "\(broker.log)")
            #expect(!log.all.contains { $0.hasPrefix("warning") || $0.hasPrefix("error") }, "\(log.all)")
        }
    }

    /// A client that trusts the wrong authority, or meets a certificate for another host, reports the reason and keeps
    /// trying.
    @Test(arguments: [
        (Certificates.Name.strange, "localhost", TLSFailure.notTrusted(issuer: "authority other")),
        (.named, "localhost", .wrongName(wanted: "localhost", names: ["broker.example.test"])),
        (.named, "127.0.0.1", .wrongName(wanted: "127.0.0.1", names: ["broker.example.test"])),
        // The certificate's address is the one that the name resolves to, but the name itself is missing.
        (.addressed, "localhost", .wrongName(wanted: "localhost", names: ["127.0.0.1"])),
    ])
    func anUntrustedServerGetsNoConnection(
        shown: Certificates.Name, host: String, failure: TLSFailure
    ) async throws {
        try await Mosquitto.with(certificates.listener(shown), files: certificates.files) { broker in
            var configuration = broker.configuration(id: "one")
            configuration.address = broker.secured(try certificates.settings(), host: host)
            configuration.credentials = Credentials(userName: "u", password: "secret")
            let log = RecordedLog()
            try await withClient(configuration, log: log) { client in
                try await eventually("tried again") { client.status.counters.failedAttempts > 2 }
                #expect(client.status.lastEnd == .tls(failure))
                #expect(client.status.counters.connections == 0)
            }
            #expect(log.all.contains { $0.hasPrefix("error: MQTT connection ended") && $0.contains(failure.remedy) })
            #expect(!broker.log.contains("New client connected"))
        }
    }

    @Test func anExpiredCertificateIsSaidToHaveExpired() async throws {
        try await Mosquitto.with(certificates.listener(.expired), files: certificates.files) { broker in
            var configuration = broker.configuration(id: "one")
            configuration.address = broker.secured(try certificates.settings())
            try await withClient(configuration) { client in
                try await eventually("refused") { client.hasBeenAnswered }
                guard case .tls(.expired(let day)) = client.status.lastEnd else {
                    Issue.record("\(String(describing: client.status.lastEnd))")
                    return
                }
                #expect(day.wholeMatch(of: /20\d\d-\d\d-\d\d/) != nil)
            }
        }
    }

    @Test func theSystemsAuthoritiesDoNotBelieveOurs() async throws {
        try await Mosquitto.with(certificates.listener(.good), files: certificates.files) { broker in
            var configuration = broker.configuration(id: "one")
            configuration.address = broker.secured(try TLSSettings())
            try await withClient(configuration) { client in
                try await eventually("refused") {
                    client.status.lastEnd == .tls(.notTrusted(issuer: "authority ca"))
                }
            }
        }
    }

    @Test func aPortWithoutTLSIsSaidToBeOne() async throws {
        try await Mosquitto.with { broker in
            var configuration = broker.configuration(id: "one")
            configuration.address = .tls(host: "localhost", port: broker.port, try certificates.settings())
            try await withClient(configuration) { client in
                try await eventually("refused") { client.status.lastEnd == .tls(.noTLS) }
            }
        }
    }

    @Test func aPortWithTLSSpokenToPlainlyIsSaidToBeOne() async throws {
        try await Mosquitto.with(certificates.listener(.good), files: certificates.files) { broker in
            var configuration = broker.configuration(id: "one")
            configuration.address = .tcp(host: "127.0.0.1", port: broker.securePort)
            try await withClient(configuration) { client in
                try await eventually("refused") { client.hasBeenAnswered }
                let end = client.status.lastEnd
                #expect(end == .closedUnanswered(isSecured: false) || end == .tls(.plainToTLS))
                #expect("\(String(describing: end))".contains("mqtts://"))
            }
        }
    }

    @Test func aClientCertificateOpensADoorThatIsShutWithoutOne() async throws {
        try await Mosquitto.with(certificates.listener(.good, asksForClient: true), files: certificates.files) {
            broker in
            var configuration = broker.configuration(id: "one")
            configuration.address = broker.secured(try certificates.settings())
            try await withClient(configuration) { client in
                try await eventually("refused") { client.hasBeenAnswered }
                // The client may read the alert before the reset, or only the reset.
                #expect("\(String(describing: client.status.lastEnd))".contains("client certificate"))
            }
            configuration.address = broker.secured(try certificates.settings(asClient: true))
            try await withClient(configuration) { client in
                try await client.connected()
                #expect(client.status.counters.failedAttempts == 0)
            }
        }
    }

    /// A killed broker sends no close_notify: the client reports a loss, and then the session continues.
    @Test func aCutLineIsALossAfterWhichTheSessionGoesOn() async throws {
        let lines = certificates.listener(.good) + ["persistence true", "persistence_location FOLDER/"]
        try await Mosquitto.with(lines, files: certificates.files) { broker in
            var configuration = broker.configuration(id: "one", marker: MemoryMarker(), filters: ["t"])
            configuration.address = broker.secured(try certificates.settings())
            let log = RecordedLog()
            try await withClient(configuration, log: log) { client in
                try await client.connected()
                client.cutConnection()
                try await eventually("back") { client.status.counters.connections == 2 }
                try await client.connected()
                #expect(client.status.lastEnd == .cut)
                #expect(client.status.state == .connected(sessionResumed: true))
                broker.kill()
                try await eventually("noticed") { log.all.contains { $0.contains("transport failed: ") } }
                try await broker.start()
                try await eventually("back again") { client.status.counters.connections == 3 }
                try await client.connected()
                #expect(try await client.publish(topic: "t", payload: [1]) == .acknowledged(.success))
            }
        }
    }

    /// While the application is behind, the client doesn't read the socket, with TLS or without.
    @Test func aSlowApplicationLeavesTheSocketUnread() async throws {
        try await Mosquitto.with(certificates.listener(.good), files: certificates.files) { broker in
            var configuration = broker.configuration(id: "reader", filters: ["t"])
            configuration.address = broker.secured(try certificates.settings())
            configuration.bufferLimit = 4
            try await withClient(configuration) { client in
                try await client.connected()
                try await withClient(broker.configuration(id: "writer")) { writer in
                    try await writer.connected()
                    for number in 0..<200 { _ = try await writer.publish(topic: "t", payload: [UInt8(number)]) }
                }
                try await eventually("paused") { client.status.isReadingPaused }
                var messages = client.messages.makeAsyncIterator()
                for number in 0..<200 {
                    let message = try #require(await messages.next())
                    #expect(message.payload == [UInt8(number)])
                    message.ack()
                }
                #expect(client.status.counters.bufferHighWater <= 8)
            }
        }
    }
}

extension MQTTClient {
    /// Mosquitto opens its ports one after the other, so a first attempt may be refused.
    fileprivate var hasBeenAnswered: Bool {
        switch status.lastEnd {
        case .connectFailed, nil: false
        default: true
        }
    }
}
