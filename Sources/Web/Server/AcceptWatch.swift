// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import NIOCore

/// Hears of connections that could not be accepted, and has the gate make room: NIO asks again at once as long as one
/// waits, which costs a core if nothing changes.
final class AcceptWatch: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let gate: ConnectionGate

    private init(_ gate: ConnectionGate) {
        self.gate = gate
    }

    /// Fails if the listener has gone.
    static func add(to listener: any Channel, _ gate: ConnectionGate) async throws {
        try await listener.eventLoop.submit {
            try listener.pipeline.syncOperations.addHandler(AcceptWatch(gate), position: .first)
        }.get()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) {
            gate.isExhausted(error)
        }
        context.fireErrorCaught(error)
    }
}

@available(*, unavailable)
extension AcceptWatch: Sendable {}
