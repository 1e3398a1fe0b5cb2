// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

/// A small HTTP/1.1 client: GET alone, one connection a request, bodies whole or as they come.
///
/// For checks and simulated screens; it tries once, follows no redirects and speaks no TLS.
package struct HTTPFetcher: Sendable {
    package let address: HTTPAddress
    /// Longer bodies are an error, if they are read whole.
    package static let longestBody = 256 << 20

    /// The process's own, and for as long: between requests it holds nothing that would have to be closed.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.httpVersion = .http1Only
        configuration.maximumUsesPerConnection = 1
        configuration.connectionPool.retryConnectionEstablishment = false
        // Each screen holds a connection for ever: at the bound others would wait for one.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100_000
        configuration.tracing.tracer = nil
        return HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
    }()

    package init(_ address: HTTPAddress) {
        self.address = address
    }

    /// Fetches one resource whole. Throws `HTTPFetchError`, or the client's errors if there is no connection.
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

    /// Reads a body as it comes, until it ends, `onBytes` says stop, or the task is cancelled. Back-pressure reaches
    /// the server: what comes while `onBytes` runs is bounded. Both are called where the caller is isolated.
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
                // A reader that leaves the body unread closes the connection.
                case .stop: return
                }
            }
            // A body that is cut off by cancellation may look like one that has ended.
            try Task.checkCancellation()
        } catch let error as HTTPClientError where error == .remoteConnectionClosed {
            throw HTTPFetchError.cutShort
        } catch HTTPParserError.invalidEOFState {
            throw HTTPFetchError.cutShort
        }
    }
}

/// What a server answered.
package struct HTTPReply: Sendable {
    package var status: Int
    package var headers: [(String, String)]
    package var body: [UInt8]

    /// The first header of this name, without regard to case.
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
