// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import MQTT

@Suite("Securing a connection", .timeLimit(.minutes(5)))
struct SecuringTests {
    @Test(arguments: [
        ("broker.example.edu", ["broker.example.edu"], true),
        ("Broker.Example.edu.", ["broker.example.EDU"], true),
        ("broker.example.edu", ["other.example.edu", "*.example.edu"], true),
        ("a.b.example.edu", ["*.example.edu"], false),
        ("example.edu", ["*.example.edu", "*.edu"], false),
        ("broker.example.edu", ["b*.example.edu", "*", "broker.*.edu", ""], false),
        ("broker.example.edu", [], false),
        ("192.0.2.7", [], true),
        ("::1", ["localhost"], true),
    ])
    func aNameIsLookedForAmongNamesAlone(host: String, names: [String], isFor: Bool) {
        // An address is no name, even if the name resolves to it; for an address, the TLS handler alone decides.
        let certificate = CertificateNames(names: names, addresses: ["192.0.2.7"])
        #expect(certificate.isFor(ServerIdentity(host)) == isFor)
    }

    @Test(arguments: [("192.0.2.7", nil), ("::1", nil), ("fe80::1", nil), ("localhost", "localhost"), ("10.2", "10.2")])
    func onlyNamesAreToldToTheServer(host: String, name: String?) {
        #expect(ServerIdentity(host).name == name)
    }

    @Test(arguments: [
        ("localhost", false), ("LocalHost", false), ("127.0.0.1", false), ("127.9.9.9", false), ("::1", false),
        ("127.0.0.1.example.edu", true), ("127.evil.example.edu", true), ("192.0.2.1", true), ("broker", true),
    ])
    func plainlyToAnotherMachineIsUnprotected(host: String, isUnprotected: Bool) throws {
        #expect(BrokerAddress.tcp(host: host, port: 1883).crossesNetworkUnprotected == isUnprotected)
        #expect(!BrokerAddress.tls(host: host, port: 8883, try TLSSettings()).crossesNetworkUnprotected)
        #expect(!BrokerAddress.unix(path: host).crossesNetworkUnprotected)
    }

    @Test func aServersOwnNameIsCleanedForTheLog() {
        #expect(CertificateNames.printable("a\nb\u{1B}[2Jü".utf8) == "a?b?[2J??")
        #expect(CertificateNames.printable(repeatElement(UInt8(ascii: "x"), count: 500)).count == 64)
    }

    @Test func filesThatHoldSomethingElseAreRefused() {
        #expect(throws: TLSSettingsError.noAuthority) { try TLSSettings(trusting: .certificates(pem: Array("x".utf8))) }
        #expect(throws: TLSSettingsError.noCertificate) { try TLSSettings(identity: .init(chain: [], key: [])) }
    }

    @Test(.enabled(if: Certificates.isPossible)) func aKeyMustBeTheCertificates() throws {
        let certificates = try Certificates.shared.get()
        func settings(_ key: String) throws -> TLSSettings {
            try TLSSettings(
                identity: .init(chain: try certificates.bytes("client.pem"), key: try certificates.bytes(key)))
        }
        #expect(throws: TLSSettingsError.foreignKey) { try settings("good.key") }
        #expect(throws: TLSSettingsError.noKey) { try settings("client.pem") }
        _ = try settings("client.key")
    }

    /// A server that never answers doesn't hold the client for ever, and a client that stops meanwhile doesn't wait.
    @Test func aHandshakeThatIsNotAnsweredEndsInTime() async throws {
        try await Silence.with { port in
            var configuration = ClientConfiguration(
                address: .tls(host: "127.0.0.1", port: port, try TLSSettings()), clientID: "c")
            configuration.connectTimeout = .milliseconds(50)
            configuration.backoff = Backoff(first: .milliseconds(1), cap: .milliseconds(5), jitter: 0...1)
            try await withClient(configuration) { client in
                try await eventually("given up") {
                    client.status.counters.failedAttempts > 1 && client.status.lastEnd == .tls(.unanswered)
                }
            }
            configuration.connectTimeout = .seconds(30)
            let start = ContinuousClock.now
            try await withClient(configuration) { client in
                try await eventually("connecting") { client.status.state == .connecting }
            }
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    /// Most TLS servers answer a plain CONNECT with a TLS alert.
    @Test func anAlertInsteadOfCONNACKIsUnderstood() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker)) { client in
                let peer = try await broker.accept()
                _ = try await peer.next()
                try await peer.send(bytes: [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46])
                try await eventually("understood") { client.status.lastEnd == .tls(.plainToTLS) }
            }
        }
    }

    /// The peer speaks another protocol than TLS, most likely HTTP.
    @Test func anAnswerThatIsNoTLSIsSaidToBeNone() async throws {
        try await Silence.with(answering: "HTTP/1.1 400 Bad Request\r\n\r\n") { port in
            var configuration = ClientConfiguration(
                address: .tls(host: "127.0.0.1", port: port, try TLSSettings()), clientID: "c")
            configuration.backoff = Backoff(first: .milliseconds(1), cap: .milliseconds(5), jitter: 0...1)
            try await withClient(configuration) { client in
                try await eventually("understood") { client.status.lastEnd == .tls(.noTLS) }
            }
        }
    }
}

/// A server that accepts connections and sends nothing, or one text.
private enum Silence {
    static func with<Result>(
        answering text: String? = nil, _ body: (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                guard let text else { return channel.eventLoop.makeSucceededVoidFuture() }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answer(text: text))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(server.localAddress?.port ?? 0)
            try await server.close()
            return result
        } catch {
            try await server.close()
            throw error
        }
    }

    private final class Answer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let text: String

        init(text: String) {
            self.text = text
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
        }
    }
}
