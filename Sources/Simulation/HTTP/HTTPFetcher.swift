// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

/// A small HTTP/1.1 client for GET, with one connection for each request. It returns a body whole or as it arrives.
///
/// Checks and simulated screens use it. It tries once, follows no redirects and supports no TLS.
package struct HTTPFetcher: Sendable {
    package let address: HTTPAddress
    /// Bounds a body that is read whole; a longer one is an error.
    package static let longestBody = 256 << 20

    /// The process's own client, which lives as long: between requests it holds nothing that would need closing.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.httpVersion = .http1Only
        configuration.maximumUsesPerConnection = 1
        configuration.connectionPool.retryConnectionEstablishment = false
        // Each screen keeps a connection, so a lower bound would make other screens wait.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100_000
        configuration.tracing.tracer = nil
        return HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
    }()

    package init(_ address: HTTPAddress) {
        self.address = address
    }

    /// Fetches one whole resource. Throws `HTTPFetchError`, or the client's errors if it can't connect.
    package func get(
        _ path: String, headers: [(String, String)] = [], within limit: Duration = .seconds(10)
    ) async throws -> HTTPReply {
        try await withThrowingTaskGroup(of: HTTPReply.self) { group in
            group.addTask {
                var reply = HTTPReply(status: 0, headers: [], body: [])
                try await exchange(path, headers) { status, headers in
                    reply.status = status
                    reply.headers = headers
                } onBytes: { bytes in
                    guard reply.body.count + bytes.count <= Self.longestBody else { throw HTTPFetchError.bodyTooLong }
                    reply.body += bytes
                    return .goOn
                }
                return reply
            }
            group.addTask {
                try await ContinuousClock().sleep(for: limit)
                throw HTTPFetchError.timedOut
            }
            defer { group.cancelAll() }
            guard let reply = try await group.next() else { throw HTTPFetchError.timedOut }
            return reply
        }
    }

    /// Reads a body as it arrives, until it ends, `onBytes` returns `stop`, or the task is cancelled. Back-pressure
    /// reaches the server, so only a bounded amount arrives while `onBytes` runs. Both closures run in the caller's
    /// isolation.
    package func stream(
        _ path: String, headers: [(String, String)] = [], isolation: isolated (any Actor)? = #isolation,
        onHead: (_ status: Int, _ headers: [(String, String)]) async throws -> Void,
        onBytes: (_ bytes: [UInt8]) async throws -> Reading
    ) async throws {
        try await exchange(path, headers, onHead: onHead, onBytes: onBytes)
    }

    package enum Reading: Sendable {
        case goOn
        case stop
    }

    private func exchange(
        _ path: String, _ headers: [(String, String)], isolation: isolated (any Actor)? = #isolation,
        onHead: (_ status: Int, _ headers: [(String, String)]) async throws -> Void,
        onBytes: (_ bytes: [UInt8]) async throws -> Reading
    ) async throws {
        var request = HTTPClientRequest(url: "\(address)\(path)")
        request.headers = ["User-Agent": "consultease", "Connection": "close"]
        request.headers.add(contentsOf: headers)
        do {
            let response = try await Self.client.execute(request, deadline: .distantFuture)
            try await onHead(Int(response.status.code), response.headers.map { ($0.name, $0.value) })
            for try await part in response.body {
                switch try await onBytes(Array(part.readableBytesView)) {
                case .goOn: break
                // The connection closes if the body is not read to its end.
                case .stop: return
                }
            }
            // If cancellation cuts a body short, it may look complete.
            try Task.checkCancellation()
        } catch let error as HTTPClientError where error == .remoteConnectionClosed {
            throw HTTPFetchError.cutShort
        } catch HTTPParserError.invalidEOFState {
            throw HTTPFetchError.cutShort
        }
    }
}

/// A server's answer.
package struct HTTPReply: Sendable {
    package var status: Int
    package var headers: [(String, String)]
    package var body: [UInt8]

    /// Returns the value of the first header with this name, ignoring case.
    package func header(_ name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }
}

package enum HTTPFetchError: Error, Equatable, Sendable, CustomStringConvertible {
    case timedOut
    /// The connection ended before the answer did.
    case cutShort
    case bodyTooLong
    case status(Int)

    package var description: String {
        switch self {
        case .timedOut: "no answer in time"
        case .cutShort: "a connection that ended before the answer did"
        case .bodyTooLong: "an answer that is longer than any of ours"
        case .status(let status): "the status \(status) instead of 200"
        }
    }
}
