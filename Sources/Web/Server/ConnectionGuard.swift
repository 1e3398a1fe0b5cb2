// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

/// Holds one connection to its limits: it enters by the gate, each request is whole in time, and silence ends it.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let gate: ConnectionGate
    private let limits: WebLimits
    private var id: ConnectionLedger.ID?
    private var isRefused = false
    private var isReading = false
    private var answersDue = 0
    private var deadline: Scheduled<Void>?

    init(_ gate: ConnectionGate, _ limits: WebLimits) {
        self.gate = gate
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { enter(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        enter(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head:
            answersDue += 1
            isReading = true
            // The first request's time runs since the connection was made.
            if deadline == nil || isIdle { close(context, after: limits.wholeRequest, isLate: true) }
            isIdle = false
        case .body: break
        case .end:
            isReading = false
            cancelDeadline()
            if let id { gate.set(id, .answering) }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if let id, head.headerFields[.contentType] == "text/event-stream" { gate.set(id, .streaming) }
        case .body: break
        case .end:
            answersDue -= 1
            if answersDue <= 0, !isReading, !isRefused { rest(context) }
        }
        context.write(data, promise: promise)
    }

    /// Whether `deadline` is that of a connection between two requests.
    private var isIdle = false

    private func rest(_ context: ChannelHandlerContext) {
        if let id { gate.set(id, .waiting) }
        isIdle = true
        close(context, after: limits.idleConnection, isLate: false)
    }

    private func enter(_ context: ChannelHandlerContext) {
        guard id == nil, !isRefused else { return }
        switch gate.enter(context.channel) {
        case .admitted(let id):
            self.id = id
            close(context, after: limits.wholeRequest, isLate: true)
        case .refused(let reason):
            isRefused = true
            answer(.tooManyConnections(reason), context)
        }
    }

    private func answer(_ problem: Problem, _ context: ChannelHandlerContext) {
        let body = problem.json
        var fields = problem.response.headers
        fields[.contentLength] = String(body.readableBytes)
        fields[.connection] = "close"
        context.write(wrapOutboundOut(.head(HTTPResponse(status: problem.status, headerFields: fields))), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private func close(_ context: ChannelHandlerContext, after limit: Duration, isLate: Bool) {
        cancelDeadline()
        let channel = context.channel
        let gate = gate
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            if isLate { gate.isLate(channel) }
            channel.close(promise: nil)
        }
    }

    private func cancelDeadline() {
        deadline?.cancel()
        deadline = nil
    }

    private func leave() {
        cancelDeadline()
        if let id { gate.leave(id) }
        id = nil
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
