// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOSSL
import NIOTLS

/// Stands between the TLS handler and the client's handler. The client's handler sees an active channel only after the
/// connection is secured. A failure before that goes to `secured`, and not to the client's handler.
final class SecuringHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Succeeds when the connection is secured; fails with `TLSFailure`.
    let secured: EventLoopFuture<Void>
    private let server: ServerIdentity
    private let deadline: NIODeadline
    /// Nil after the handshake has succeeded or failed.
    private var promise: EventLoopPromise<Void>?
    private var timer: Scheduled<Void>?

    init(_ promise: EventLoopPromise<Void>, server: ServerIdentity, until deadline: NIODeadline) {
        self.promise = promise
        self.server = server
        self.deadline = deadline
        secured = promise.futureResult
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.settle(.failure(TLSFailure.unanswered))
            channel.close(promise: nil)
        }
    }

    /// Hides the TCP connection from the client's handler until TLS is ready.
    func channelActive(context: ChannelHandlerContext) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard promise != nil else { return context.fireUserInboundEventTriggered(event) }
        guard case TLSUserEvent.handshakeCompleted = event else { return }
        let names = CertificateNames(peerCertificate(context))
        guard names.isFor(server) else {
            return fail(TLSFailure.wrongName(wanted: server.text, names: names.listed), context)
        }
        settle(.success(()))
        context.fireChannelActive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard promise != nil else { return context.fireErrorCaught(error) }
        // A server that doesn't speak TLS may reset a connection that it doesn't understand.
        let failure = TLSFailure(error, from: server, certificate: peerCertificate(context))
        fail(failure ?? (error.isConnectionReset ? .noTLS : .failed(String(describing: error))), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard promise != nil else { return context.fireChannelInactive() }
        settle(.failure(TLSFailure.noTLS))
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        settle(.failure(TLSFailure.failed("the connection was closed")))
    }

    private func fail(_ failure: TLSFailure, _ context: ChannelHandlerContext) {
        settle(.failure(failure))
        context.close(promise: nil)
    }

    private func settle(_ result: Result<Void, any Error>) {
        timer?.cancel()
        timer = nil
        promise.take()?.completeWith(result)
    }

    private func peerCertificate(_ context: ChannelHandlerContext) -> NIOSSLCertificate? {
        try? context.pipeline.syncOperations.nioSSL_peerCertificate()
    }
}
