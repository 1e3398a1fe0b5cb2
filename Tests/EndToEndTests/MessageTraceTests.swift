// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import InMemoryTracing
import MQTT
import Service
import Store
import TestSupport
import Testing
import Tracing
import Wire

@Suite("One trace from a unit to the commit", .timeLimit(.minutes(5)))
struct MessageTraceTests {
    /// The sender's `traceparent` passes through the broker; the message, its commit and the reply to the unit are
    /// linked spans.
    @Test func aMessageContinuesItsSendersTrace() async throws {
        let tracer = InMemoryTracer()
        let sender = tracer.startSpan("press", context: .topLevel, ofKind: .producer)
        var fields: [UserProperty] = []
        tracer.inject(sender.context, into: &fields, using: Fields())
        let properties = MessageProperties(user: fields)
        try await withDesk(trail: DeliveryTracker(tracer: tracer)) { desk in
            try desk.broker.admit(["desk-1"])
            try await desk.store.addUnits(["desk-1"])
            try await desk.broker.withUnit("desk-1") { client in
                _ = try await client.publish(
                    topic: "consultease/v2/unit/desk-1/event",
                    payload: Array(#"{"boot":"b0000001","seq":1,"type":"presence","present":true}"#.utf8),
                    qos: .atLeastOnce, retain: false, properties: properties)
                try await eventually("the reply is traced") {
                    tracer.finishedSpans.contains { $0.operationName == "consultease send" }
                }
            }
        }
        func span(_ name: String) throws -> FinishedInMemorySpan {
            try #require(
                tracer.finishedSpans.first { $0.operationName == name && $0.traceID == sender.traceID }, "\(name)")
        }
        let (receive, commit, send) = try (span("consultease receive"), span("commit batch"), span("consultease send"))
        #expect(receive.parentSpanID == sender.spanID && receive.kind == .consumer)
        #expect(receive.attributes.get("messaging.destination.name") == .string("consultease/v2/unit/desk-1/event"))
        #expect(receive.attributes.get("consultease.outcome") == .string("accepted"))
        #expect(receive.links.compactMap { $0.context.inMemorySpanContext?.spanID } == [commit.spanID])
        #expect(commit.links.contains { $0.context.inMemorySpanContext?.spanID == receive.spanID })
        #expect(send.parentSpanID == receive.spanID && send.kind == .producer)
    }

    private struct Fields: Injector {
        func inject(_ value: String, forKey key: String, into carrier: inout [UserProperty]) {
            carrier.append(UserProperty(name: key, value: value))
        }
    }
}
