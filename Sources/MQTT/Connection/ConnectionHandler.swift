// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Passes a channel's bytes, errors and end to the driver, which runs on the same event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let driver: ConnectionDriver
    /// False for a channel that lost the race between the addresses of a host.
    private var isChosen = false

    init(driver: ConnectionDriver) {
        self.driver = driver
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        isChosen = driver.assumeIsolated { $0.transportOpened(channel) }
        if !isChosen { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isChosen else { return }
        let bytes = unwrapInboundIn(data)
        driver.assumeIsolated { $0.received(bytes) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isChosen { driver.assumeIsolated { $0.readCompleted() } }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isChosen { driver.assumeIsolated { $0.transportClosed() } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isChosen { driver.assumeIsolated { $0.transportFailed(error) } }
        context.close(promise: nil)
    }
}
