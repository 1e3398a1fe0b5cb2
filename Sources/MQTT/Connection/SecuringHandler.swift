// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOSSL
import NIOTLS

/// Stands between the TLS handler and the client: the connection becomes active for the client when it is secured, and
/// not before. Why it could not be secured goes to `secured`, and the client never hears of it.
final class SecuringHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Fails with `TLSFailure`.
    let secured: EventLoopFuture<Void>
    private let server: ServerIdentity
    private let deadline: NIODeadline
    /// Nil once it is settled.
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

    /// TCP's connection is there: nothing that the client could use.
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
        // A server that speaks no TLS may well reset the connection that it can make nothing of.
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
