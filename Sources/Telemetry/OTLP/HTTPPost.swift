// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOHTTP1
import NIOPosix

/// Posts one body over HTTP/1.1 and reads a short answer: one connection a request, no redirects, no TLS.
struct HTTPPost: Sendable {
    let endpoint: OTLPEndpoint

    struct Reply: Sendable {
        var status: Int
        var retryAfter: String?
        var body: [UInt8]
    }

    /// What is read of an answer: collectors say little.
    private static let longestAnswer = 65_536

    /// Throws NIO's errors where there is no connection, `PostError` where there is no answer within `limit`.
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
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        var fields = HTTPHeaders([
            ("Host", endpoint.authority), ("User-Agent", "consultease"), ("Connection", "close"),
            ("Content-Type", "application/json"), ("Content-Length", "\(body.count)"),
        ])
        fields.add(contentsOf: endpoint.headers.map { ($0.name, $0.value) })
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: endpoint.path, headers: fields)
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: body))))
            try await outbound.write(.end(nil))
            var reply = Reply(status: 0, retryAfter: nil, body: [])
            for try await part in inbound {
                switch part {
                case .head(let head):
                    reply.status = Int(head.status.code)
                    reply.retryAfter = head.headers.first(name: "Retry-After")
                case .body(let buffer):
                    reply.body += buffer.readableBytesView.prefix(Self.longestAnswer - reply.body.count)
                case .end: return reply
                }
            }
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
