// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOHTTP1
import NIOPosix

/// A small HTTP/1.1 client: GET alone, one connection a request, bodies whole or as they come.
///
/// For checks and simulated screens; it follows no redirects and speaks no TLS.
package struct HTTPFetcher: Sendable {
    package let address: HTTPAddress
    /// Longer bodies are an error, where they are read whole.
    package static let longestBody = 256 << 20

    package init(_ address: HTTPAddress) {
        self.address = address
    }

    /// Fetches one resource whole. Throws `HTTPFetchError`, or NIO's errors where there is no connection.
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

    /// Reads a body as it comes, until it ends, `onBytes` says stop, or the task is cancelled. Back-pressure reaches the
    /// server: nothing is read while `onBytes` runs.
    package func stream(
        _ path: String, headers: [(String, String)] = [],
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
        _ path: String, _ headers: [(String, String)],
        onHead: (_ status: Int, _ headers: [(String, String)]) async throws -> Void,
        onBytes: (_ bytes: [UInt8]) async throws -> Reading
    ) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        var fields = HTTPHeaders([("Host", address.authority), ("User-Agent", "consultease"), ("Connection", "close")])
        fields.add(contentsOf: headers)
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: fields)
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.end(nil))
            for try await part in inbound {
                switch part {
                case .head(let head): try await onHead(Int(head.status.code), head.headers.map { ($0.name, $0.value) })
                case .body(let buffer):
                    switch try await onBytes(Array(buffer.readableBytesView)) {
                    case .goOn: break
                    case .stop: return
                    }
                case .end: return
                }
            }
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

package enum HTTPFetchError: Error, Equatable, Sendable {
    case timedOut
    /// The connection ended before the answer did.
    case cutShort
    case bodyTooLong
    case status(Int)
}
