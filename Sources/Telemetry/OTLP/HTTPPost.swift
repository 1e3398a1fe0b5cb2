// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Posts one body over HTTP/1.1 and reads a short answer. Each request has its own connection and one attempt;
/// redirects and proxies are not used.
struct HTTPPost: Sendable {
    let endpoint: OTLPEndpoint
    var client = Self.client

    struct Reply: Sendable {
        var status: Int
        var retryAfter: String?
        var body: [UInt8]
    }

    /// The process's own client, which lives as long: between requests it holds nothing that would need closing.
    private static let client = HTTPClient(
        eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration())

    /// Bounds the answer that is read; collectors answer briefly.
    private static let longestAnswer = 65_536

    /// - Parameter trustRoots: the authorities for the collector's certificate, if the endpoint is `https`.
    static func configuration(trustRoots: NIOSSLTrustRoots = .default) -> HTTPClient.Configuration {
        var secured = TLSConfiguration.makeClientConfiguration()
        secured.minimumTLSVersion = .tlsv12
        secured.trustRoots = trustRoots
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: secured, redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.httpVersion = .http1Only
        configuration.maximumUsesPerConnection = 1
        // The exporter decides about retries.
        configuration.connectionPool.retryConnectionEstablishment = false
        // The exporter's requests must not be traced: each would make a span that needs another request.
        configuration.tracing.tracer = nil
        return configuration
    }

    /// Throws the client's errors if it can't connect, and `PostError` if no answer comes within `limit`.
    func send(_ body: [UInt8], within limit: Duration = .seconds(10)) async throws -> Reply {
        try await withThrowingTaskGroup(of: Reply.self) { group in
            group.addTask { try await exchange(body) }
            group.addTask {
                try await ContinuousClock().sleep(for: limit)
                throw PostError.timedOut
            }
            defer { group.cancelAll() }
            guard let reply = try await group.next() else { throw PostError.timedOut }
            return reply
        }
    }

    private func exchange(_ body: [UInt8]) async throws -> Reply {
        var request = HTTPClientRequest(url: endpoint.description)
        request.method = .POST
        request.headers = ["User-Agent": "consultease", "Connection": "close", "Content-Type": "application/json"]
        request.headers.add(contentsOf: endpoint.headers.map { ($0.name, $0.value) })
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            var reply = Reply(
                status: Int(response.status.code), retryAfter: response.headers.first(name: "Retry-After"), body: [])
            for try await part in response.body {
                reply.body += part.readableBytesView.prefix(Self.longestAnswer - reply.body.count)
            }
            // If cancellation cuts a body short, it may look complete.
            try Task.checkCancellation()
            return reply
        } catch let error as HTTPClientError where error == .remoteConnectionClosed {
            throw PostError.cutShort
        } catch HTTPParserError.invalidEOFState {
            throw PostError.cutShort
        }
    }
}

enum PostError: Error, CustomStringConvertible {
    case timedOut
    case cutShort

    var description: String {
        switch self {
        case .timedOut: "no answer in time"
        case .cutShort: "the connection ended before the answer did"
        }
    }
}
