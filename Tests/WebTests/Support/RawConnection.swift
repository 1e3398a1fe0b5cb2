// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOPosix

/// One TCP connection that reads only when told to, so that a test can be a client that doesn't read.
struct RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var unread = ByteBuffer()

    fileprivate init(
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    ) {
        self.outbound = outbound
        self.inbound = inbound.makeAsyncIterator()
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func send(_ method: String, _ target: String, _ fields: [String: String] = [:]) async throws {
        let lines = fields.map { "\($0.key): \($0.value)\r\n" }.joined()
        try await send("\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(lines)\r\n")
    }

    /// Returns text up to, but without, the next `separator`; nil at the end of the connection.
    mutating func text(upTo separator: String) async throws -> String? {
        let mark = Array(separator.utf8)
        var searched = 0
        while true {
            let view = unread.readableBytesView
            if let found = view.dropFirst(max(0, searched - mark.count)).firstRange(of: mark) {
                let text = unread.readString(length: found.lowerBound - view.startIndex)
                unread.moveReaderIndex(forwardBy: mark.count)
                return text
            }
            searched = view.count
            guard try await more() else { return nil }
        }
    }

    mutating func text(length: Int) async throws -> String? {
        while unread.readableBytes < length {
            guard try await more() else { return nil }
        }
        return unread.readString(length: length)
    }

    /// Returns what is left until the other side closes.
    mutating func textUntilClosed() async throws -> String {
        while try await more() {}
        return unread.readString(length: unread.readableBytes) ?? ""
    }

    private mutating func more() async throws -> Bool {
        guard var next = try await inbound.next() else { return false }
        unread.discardReadBytes()
        unread.writeBuffer(&next)
        return true
    }
}

/// Runs `body` with a connection to the server. With `receiveBuffer`, the kernel accepts little more than that in
/// advance.
func withConnection<Value: Sendable>(
    to port: Int, receiveBuffer: Int = 1 << 18, _ body: (inout RawConnection) async throws -> Value
) async throws -> Value {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.socketOption(.so_rcvbuf), value: ChannelOptions.Types.SocketOption.Value(receiveBuffer))
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 1)))
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        var connection = RawConnection(outbound, inbound)
        return try await body(&connection)
    }
}
