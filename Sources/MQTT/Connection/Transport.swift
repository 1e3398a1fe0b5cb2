// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import NIOCore
import NIOPosix

/// Makes the connections that a client speaks over: sockets, unless a simulation has something else.
package protocol Transport: Sendable {
    /// Makes one connection to `address` on `eventLoop` and returns it when it is active.
    ///
    /// `prepare` must be called on the event loop with every channel that may become the connection, before it is active: it
    /// installs the client's handler. It may be called several times, as a host may have several addresses; channels that lose
    /// are closed by that handler. Gives up, with an error, after `limit`. Closing a prepared channel from outside must end
    /// the attempt soon.
    func connect(
        to address: BrokerAddress, on eventLoop: any EventLoop, within limit: TimeAmount,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any Channel
}

/// Sockets of the operating system, TCP or Unix.
package struct SocketTransport: Transport {
    package init() {}

    package func connect(
        to address: BrokerAddress, on eventLoop: any EventLoop, within limit: TimeAmount,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(limit)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer(prepare)
        switch address {
        case .tcp(let host, let port):
            return
                try await bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port).get()
        case .unix(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path).get()
        }
    }
}
