// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Service

/// Puts on every response what every response must carry, last of all: so that no error, no page and no answer to bytes
/// that are no HTTP can go without.
final class ResponseStamp: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let board: Board
    private let instance: String?

    init(board: Board, instance: String?) {
        self.board = board
        self.instance = instance
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data), head.status.kind != .informational else {
            return context.write(data, promise: promise)
        }
        if head.headerFields[.revision] == nil {
            head.headerFields[.revision] = board.snapshot.tag.description
        }
        if let instance { head.headerFields[.instance] = instance }
        for (name, value) in Self.protections where head.headerFields[name] == nil {
            head.headerFields[name] = value
        }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }

    /// Nothing from elsewhere is loaded, run or framed; nothing here is guessed at or leaks to where a link leads.
    private static let protections: [(HTTPField.Name, String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        (.xContentTypeOptions, "nosniff"),
        (HTTPField.Name(constant: "Referrer-Policy"), "same-origin"),
        (HTTPField.Name(constant: "Cross-Origin-Opener-Policy"), "same-origin"),
        (HTTPField.Name(constant: "Cross-Origin-Resource-Policy"), "same-origin"),
        (HTTPField.Name(constant: "Cross-Origin-Embedder-Policy"), "require-corp"),
        (HTTPField.Name(constant: "Permissions-Policy"), "camera=(), geolocation=(), microphone=()"),
    ]
}

@available(*, unavailable)
extension ResponseStamp: Sendable {}
