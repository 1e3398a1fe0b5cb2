// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A collector on this machine that records requests. It gives the planned answers in turn, and 200 after that. For a
/// status of 0 it closes the connection instead.
final class Collector: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: [(String, String)] = []
        var body = "{}"
    }

    struct Request: Sendable {
        var path: String
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    private let state: Mutex<(requests: [Request], answers: [Answer])>

    private init(_ answers: [Answer]) {
        state = Mutex(([], answers))
    }

    var requests: [Request] { state.withLock(\.requests) }

    private func take(_ request: Request) -> Answer {
        state.withLock { state in
            state.requests.append(request)
            return state.answers.isEmpty ? Answer(status: 200) : state.answers.removeFirst()
        }
    }

    static func with<Value>(
        _ answers: [Answer] = [], tls: NIOSSLContext? = nil, host: String = "127.0.0.1",
        _ body: (Collector, Int) async throws -> Value
    ) async throws -> Value {
        let collector = Collector(answers)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(collector))
                }
            }
            .bind(host: host, port: 0).get()
        do {
            let value = try await body(collector, server.localAddress?.port ?? 0)
            try await server.close()
            return value
        } catch {
            try await server.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let collector: Collector
        private var request = Request(path: "", headers: [:], body: [])

        init(_ collector: Collector) {
            self.collector = collector
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(path: head.uri, headers: head.headers, body: [])
            case .body(let buffer): request.body += buffer.readableBytesView
            case .end:
                let answer = collector.take(request)
                guard answer.status > 0 else { return context.close(promise: nil) }
                var headers = HTTPHeaders(answer.headers)
                headers.add(name: "Content-Length", value: "\(answer.body.utf8.count)")
                let head = HTTPResponseHead(
                    version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
