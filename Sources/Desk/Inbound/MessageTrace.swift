// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import MQTT
import Rules
import Service
import Tracing
import Wire

/// The span of one message, from its arrival to the ack: it continues the trace that the sender names in the user
/// property `traceparent` (MQTT 5), or begins one.
///
/// Attributes are OpenTelemetry's for messaging. Nil, and no cost, if nothing is traced.
struct MessageTrace: Sendable {
    private let span: any Tracing.Span

    init?(_ message: IncomingMessage, _ tracer: (any Tracer)?) {
        guard let tracer else { return nil }
        var context = ServiceContext.topLevel
        tracer.extract(message.properties, into: &context, using: UserProperties())
        let span = tracer.startSpan("consultease receive", context: context, ofKind: .consumer)
        span.updateAttributes { attributes in
            attributes["messaging.system"] = "mqtt"
            attributes["messaging.operation.type"] = "process"
            attributes["messaging.operation.name"] = "receive"
            attributes["messaging.destination.name"] = RefusalSample.topic(message.topic)
            attributes["messaging.message.body.size"] = message.payload.count
            attributes["consultease.mqtt.qos"] = Int(message.qos.rawValue)
            if message.isRetained { attributes["consultease.mqtt.retained"] = true }
            if message.isDuplicate { attributes["consultease.mqtt.duplicate"] = true }
        }
        self.span = span
    }

    var context: ServiceContext { span.context }

    /// Called where the message is settled, in the context of the commit that holds it: the two spans are linked both
    /// ways.
    func end(_ settlement: Settlement) {
        if let commit = ServiceContext.current { span.addLink(SpanLink(context: commit, attributes: [:])) }
        span.updateAttributes { attributes in
            switch settlement {
            case .displaced: attributes["consultease.outcome"] = "displaced"
            case .committed(let verdict, let revision):
                attributes["consultease.revision"] = revision.number
                switch verdict {
                case .accepted(let acceptance):
                    attributes["consultease.outcome"] = acceptance.isDuplicate ? "duplicate" : "accepted"
                case .refused(let refusal):
                    attributes["consultease.outcome"] = "refused"
                    attributes["error.type"] = refusal.reason.rawValue
                }
            }
        }
        span.end()
    }
}

/// The span of one reply to a unit, in the trace of the event that it answers.
struct ReplyTrace: Sendable {
    private let span: (any Tracing.Span)?

    init(_ owed: OwedReply, _ tracer: (any Tracer)?) {
        guard let tracer, let context = owed.trace else {
            span = nil
            return
        }
        let span = tracer.startSpan("consultease send", context: context, ofKind: .producer)
        span.updateAttributes { attributes in
            attributes["messaging.system"] = "mqtt"
            attributes["messaging.operation.type"] = "send"
            attributes["messaging.operation.name"] = "send"
            attributes["consultease.unit"] = "\(owed.reply.unit)"
        }
        self.span = span
    }

    func within(_ body: () async throws -> Void) async throws {
        guard let span else { return try await body() }
        defer { span.end() }
        try await ServiceContext.withValue(span.context, operation: body)
    }
}

/// Reads a trace's context from a message's user properties.
private struct UserProperties: Extractor {
    func extract(key: String, from carrier: MessageProperties) -> String? {
        carrier.user.first { $0.name.lowercased() == key }?.value
    }
}
