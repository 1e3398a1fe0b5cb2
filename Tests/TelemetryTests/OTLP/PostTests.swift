// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing

@testable import Telemetry

@Suite("One request to a collector", .timeLimit(.minutes(5)))
struct PostTests {
    private func post(_ url: String) throws -> HTTPPost { HTTPPost(endpoint: try OTLPEndpoint(url)) }

    @Test(arguments: [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
    func anAddressOfEitherKindIsReached(host: String, written: String) async throws {
        try await Collector.with(host: host) { collector, port in
            let reply = try await post("http://\(written):\(port)").send([1, 2])
            #expect(reply.status == 200 && reply.body == Array("{}".utf8))
            #expect(collector.requests.map(\.body) == [[1, 2]])
            #expect(collector.requests[0].headers["host"] == ["\(written):\(port)"])
        }
    }

    /// A request with a key goes only to the server that the key is for.
    @Test func aRedirectIsAnAnswerAndNotFollowed() async throws {
        try await Collector.with { other, otherPort in
            let away = Collector.Answer(status: 307, headers: [("Location", "http://127.0.0.1:\(otherPort)/v1/traces")])
            try await Collector.with([away]) { collector, port in
                let reply = try await post("http://127.0.0.1:\(port)").send([])
                #expect(reply.status == 307)
                #expect(collector.requests.count == 1 && other.requests.isEmpty)
            }
        }
    }

    @Test func anAnswerThatDoesNotComeIsWaitedForSoLongAndAskedForOnce() async throws {
        try await Collector.with([.init(status: 0)]) { collector, port in
            await #expect(throws: PostError.cutShort) { try await post("http://127.0.0.1:\(port)").send([]) }
            #expect(collector.requests.count == 1)
        }
        // This server accepts connections, and never answers.
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = silent.localAddress?.port ?? 0
        let start = ContinuousClock.now
        await #expect(throws: PostError.timedOut) {
            try await post("http://127.0.0.1:\(port)").send([], within: .milliseconds(50))
        }
        #expect(ContinuousClock.now - start < .seconds(9))
        try await silent.close()
    }

    @Test func aLongAnswerIsReadToABound() async throws {
        let long = Collector.Answer(status: 200, body: String(repeating: "x", count: 1_000_000))
        try await Collector.with([long]) { _, port in
            let reply = try await post("http://127.0.0.1:\(port)").send([])
            #expect(reply.body.count == 65_536)
        }
    }

    @Test func aRequestLeavesNoSpansOfItsOwn() {
        #expect(HTTPPost.configuration().tracing.tracer == nil)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func overTLSOnlyWhoIsBelievedIsTold() async throws {
        let (certificate, context) = try Self.certificate()
        try await Collector.with(tls: context) { collector, port in
            var post = try post("https://localhost:\(port)")
            // The system doesn't trust this certificate.
            await #expect(throws: (any Error).self) { try await post.send([1]) }
            #expect(collector.requests.isEmpty)
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: HTTPPost.configuration(trustRoots: .certificates([certificate])))
            post.client = client
            #expect(try await post.send([1]).status == 200)
            // The certificate is for `localhost`, and not for its address.
            post = HTTPPost(endpoint: try OTLPEndpoint("https://127.0.0.1:\(port)"), client: client)
            await #expect(throws: (any Error).self) { try await post.send([2]) }
            #expect(collector.requests.map(\.body) == [[1]])
            try await client.shutdown()
        }
    }

    /// Makes a self-signed certificate for `localhost`.
    private static func certificate() throws -> (NIOSSLCertificate, NIOSSLContext) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.currentDirectoryURL = folder
        process.arguments =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
            + ["-keyout", "key", "-out", "certificate", "-subj", "/CN=x", "-addext", "subjectAltName=DNS:localhost"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }
        let certificate = try NIOSSLCertificate(bytes: try bytes("certificate"), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: try bytes("key"), format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        return (certificate, try NIOSSLContext(configuration: configuration))
    }
}
