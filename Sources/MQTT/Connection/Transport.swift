// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import NIOCore
import NIOPosix

/// Makes the connections that a client uses: sockets, or a simulation's own.
package protocol Transport: Sendable {
    /// Makes one connection to `address` on `eventLoop`, and returns it when it is active and, if the address demands
    /// TLS, secured.
    ///
    /// An implementation calls `prepare` on the event loop with every channel that may become the connection, before
    /// the channel is active; `prepare` installs the client's handler. It may run several times, since a host may have
    /// several addresses; that handler closes the channels that lose. The attempt fails after `limit`, and throws
    /// `TLSFailure` if the connection can't be secured. If a prepared channel is closed from outside, the attempt must
    /// end soon.
    func connect(
        to address: BrokerAddress, on eventLoop: any EventLoop, within limit: TimeAmount,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any Channel
}

/// Sockets of the operating system, TCP or Unix, with TLS if the address says so.
package struct SocketTransport: Transport {
    package init() {}

    package func connect(
        to address: BrokerAddress, on eventLoop: any EventLoop, within limit: TimeAmount,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(limit)
            .channelOption(.socketOption(.so_keepalive), value: 1)
        switch address {
        case .tcp(let host, let port):
            return
                try await bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer(prepare)
                .connect(host: host, port: port).get()
        case .tls(let host, let port, let settings):
            let server = ServerIdentity(host)
            let deadline = NIODeadline.now() + limit
            let (channel, secured) =
                try await bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        (channel, try Self.secure(channel, as: server, with: settings, until: deadline))
                    }.flatMap { made in
                        prepare(channel).map { made }
                    }
                }
            try await secured.get()
            return channel
        case .unix(let path):
            return try await bootstrap.channelInitializer(prepare).connect(unixDomainSocketPath: path).get()
        }
    }

    /// Adds the TLS handlers; runs on the channel's event loop. The returned future fails with `TLSFailure`.
    private static func secure(
        _ channel: any Channel, as server: ServerIdentity, with settings: TLSSettings, until deadline: NIODeadline
    ) throws -> EventLoopFuture<Void> {
        let handler = try settings.handler(for: server)
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let securing = SecuringHandler(promise, server: server, until: deadline)
        do {
            try channel.pipeline.syncOperations.addHandlers([handler, securing])
        } catch {
            promise.fail(error)
            throw error
        }
        return securing.secured
    }
}
