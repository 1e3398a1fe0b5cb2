// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Simulation

@Suite("Fetching over HTTP", .timeLimit(.minutes(5)))
struct FetcherTests {
    @Test func aResourceComesWholeOrNotAtAll() async throws {
        let whole = "HTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 4\r\n\r\nnone"
        try await RawServer.with(whole) { server in
            let reply = try await HTTPFetcher(server.address).get("/x")
            #expect(reply.status == 404 && reply.header("x-a") == "b" && reply.body == Array("none".utf8))
            #expect(server.heard[0].hasPrefix("GET /x HTTP/1.1\r\n"))
        }
        try await RawServer.with("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nnone", closes: true) { server in
            await #expect(throws: HTTPFetchError.cutShort) { try await HTTPFetcher(server.address).get("/") }
            #expect(server.heard.count == 1)
        }
        try await RawServer.with("") { server in
            await #expect(throws: HTTPFetchError.timedOut) {
                try await HTTPFetcher(server.address).get("/", within: .milliseconds(50))
            }
        }
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let away = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        try await RawServer.with(away) { server in
            let reply = try await HTTPFetcher(server.address).get("/")
            #expect(reply.status == 302)
        }
    }

    private static let endless = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n\n"

    /// No stream waits for another's connection, and each reader closes its own when it has read enough.
    @Test func manyStreamsAreReadAtOnceAndEndWithTheirReaders() async throws {
        try await RawServer.with(Self.endless) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (gate, open) = AsyncStream.makeStream(of: Never.self)
                let arrived = Count()
                for _ in 0..<64 {
                    group.addTask {
                        try await HTTPFetcher(server.address).stream("/") { status, _ in
                            #expect(status == 200)
                        } onBytes: { bytes in
                            #expect(bytes == Array("data: x\n\n".utf8))
                            if arrived.next() == 64 { open.finish() }
                            for await _ in gate {}
                            return .stop
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await until("all are closed") { server.connectionCount == 0 }
            #expect(server.heard.count == 64)
        }
    }

    @Test func aCancelledReaderClosesItsConnection() async throws {
        try await RawServer.with(Self.endless) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (begun, begin) = AsyncStream.makeStream(of: Never.self)
                group.addTask {
                    await #expect(throws: (any Error).self) {
                        try await HTTPFetcher(server.address).stream("/") { _, _ in
                        } onBytes: { _ in
                            begin.finish()
                            return .goOn
                        }
                    }
                }
                for await _ in begun {}
                #expect(server.connectionCount == 1)
                group.cancelAll()
                try await until("it is closed") { server.connectionCount == 0 }
            }
        }
    }

    private func until(_ what: String, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "not in time: \(what)")
            try await ContinuousClock().sleep(for: .milliseconds(2))
        }
    }
}

private final class Count: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}

/// Answers the first bytes of every connection with the same text.
private final class RawServer: Sendable {
    private let state = Mutex((heard: [String](), connectionCount: 0))
    private let port = Mutex(0)

    var heard: [String] { state.withLock(\.heard) }
    var connectionCount: Int { state.withLock(\.connectionCount) }
    var address: HTTPAddress { HTTPAddress(host: "127.0.0.1", port: port.withLock { $0 }) }

    /// - Parameter closes: whether the server closes the connection after its answer.
    static func with(
        _ answer: String, closes: Bool = false, _ body: (RawServer) async throws -> Void
    ) async throws {
        let made = RawServer()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(made, answer, closes))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        made.port.withLock { $0 = server.localAddress?.port ?? 0 }
        do {
            try await body(made)
        } catch {
            try await server.close()
            throw error
        }
        try await server.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let server: RawServer
        private let answer: String
        private let closes: Bool

        init(_ server: RawServer, _ answer: String, _ closes: Bool) {
            self.server = server
            self.answer = answer
            self.closes = closes
        }

        func channelActive(context: ChannelHandlerContext) { server.state.withLock { $0.connectionCount += 1 } }

        func channelInactive(context: ChannelHandlerContext) { server.state.withLock { $0.connectionCount -= 1 } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            server.state.withLock { $0.heard.append(text) }
            let written = context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: written)
            guard closes else { return }
            let channel = context.channel
            written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
