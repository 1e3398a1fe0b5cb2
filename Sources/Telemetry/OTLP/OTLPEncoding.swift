// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Tracing

/// Encodes an `ExportTraceServiceRequest` in OTLP's JSON (OTLP 1.5, "JSON Protobuf Encoding"): ids in hexadecimal,
/// names in lowerCamelCase, enums as numbers, 64-bit integers as text. Pure.
package enum OTLPEncoding {
    /// The sender: the attributes of the resource, including `service.name`.
    package typealias Resource = [(name: String, value: String)]

    package static func request(_ spans: [SpanRecord], from resource: Resource, version: String) -> [UInt8] {
        var json = JSONText()
        json.object { json in
            json.key("resourceSpans")
            json.array([()]) { json, _ in
                json.object { json in
                    json.key("resource")
                    json.object { json in
                        json.key("attributes")
                        json.array(resource) { json, attribute in
                            write(attribute.name, .string(attribute.value), into: &json)
                        }
                    }
                    json.key("scopeSpans")
                    json.array([()]) { json, _ in
                        json.object { json in
                            json.key("scope")
                            json.object { json in
                                json.key("name")
                                json.string("consultease")
                                json.key("version")
                                json.string(version)
                            }
                            json.key("spans")
                            json.array(spans) { json, span in write(span, into: &json) }
                        }
                    }
                }
            }
        }
        return json.bytes
    }

    private static func write(_ span: SpanRecord, into json: inout JSONText) {
        json.object { json in
            writeIdentity(span.context, into: &json)
            if let parent = span.parent {
                json.key("parentSpanId")
                json.string("\(parent)")
            }
            json.key("name")
            json.string(span.name)
            json.key("kind")
            json.number(number(of: span.kind))
            json.key("startTimeUnixNano")
            json.wide(span.start)
            json.key("endTimeUnixNano")
            json.wide(span.end)
            write(span.attributes, into: &json)
            writeEvents(of: span, into: &json)
            writeLinks(of: span, into: &json)
            count("droppedEventsCount", span.droppedEvents, into: &json)
            count("droppedLinksCount", span.droppedLinks, into: &json)
            writeStatus(of: span, into: &json)
        }
    }

    private static func writeEvents(of span: SpanRecord, into json: inout JSONText) {
        guard !span.events.isEmpty else { return }
        json.key("events")
        json.array(span.events) { json, event in
            json.object { json in
                json.key("timeUnixNano")
                json.wide(event.nanosecondsSinceEpoch)
                json.key("name")
                json.string(event.name)
                write(event.attributes, into: &json)
            }
        }
    }

    private static func writeLinks(of span: SpanRecord, into json: inout JSONText) {
        guard !span.links.isEmpty else { return }
        json.key("links")
        json.array(span.links) { json, link in
            json.object { json in
                writeIdentity(link.context, into: &json)
                write(link.attributes, into: &json)
            }
        }
    }

    private static func writeStatus(of span: SpanRecord, into json: inout JSONText) {
        guard let status = span.status else { return }
        json.key("status")
        json.object { json in
            json.key("code")
            json.number(status.code == .error ? 2 : 1)
            if let message = status.message {
                json.key("message")
                json.string(message)
            }
        }
    }

    private static func writeIdentity(_ context: SpanContext, into json: inout JSONText) {
        json.key("traceId")
        json.string("\(context.traceID)")
        json.key("spanId")
        json.string("\(context.spanID)")
        if let state = context.traceState {
            json.key("traceState")
            json.string(state)
        }
        json.key("flags")
        json.number(context.isSampled ? 1 : 0)
    }

    /// Writes the attributes in the order of their names, up to the limit.
    private static func write(_ attributes: SpanAttributes, into json: inout JSONText) {
        guard !attributes.isEmpty else { return }
        var list: [(name: String, value: SpanAttribute)] = []
        attributes.forEach { list.append(($0, $1)) }
        list.sort { $0.name < $1.name }
        json.key("attributes")
        json.array(list.prefix(SpanLimits.attributes)) { json, attribute in
            write(attribute.name, attribute.value, into: &json)
        }
        count("droppedAttributesCount", list.count - SpanLimits.attributes, into: &json)
    }

    private static func write(_ name: String, _ value: SpanAttribute, into json: inout JSONText) {
        json.object { json in
            json.key("key")
            json.string(name)
            json.key("value")
            write(value, into: &json)
        }
    }

    private static func write(_ value: SpanAttribute, into json: inout JSONText) {
        json.object { json in
            switch value {
            case .int32(let value): integer(Int64(value), into: &json)
            case .int64(let value): integer(value, into: &json)
            case .double(let value):
                json.key("doubleValue")
                json.double(value)
            case .bool(let value):
                json.key("boolValue")
                json.bool(value)
            case .string(let value): text(value, into: &json)
            case .stringConvertible(let value): text("\(value)", into: &json)
            case .int32Array(let values): list(values.map { .int32($0) }, into: &json)
            case .int64Array(let values): list(values.map { .int64($0) }, into: &json)
            case .doubleArray(let values): list(values.map { .double($0) }, into: &json)
            case .boolArray(let values): list(values.map { .bool($0) }, into: &json)
            case .stringArray(let values): list(values.map { .string($0) }, into: &json)
            case .stringConvertibleArray(let values): list(values.map { .string("\($0)") }, into: &json)
            default: text("\(value)", into: &json)
            }
        }
    }

    private static func integer(_ value: Int64, into json: inout JSONText) {
        json.key("intValue")
        json.wide(value)
    }

    private static func text(_ value: String, into json: inout JSONText) {
        json.key("stringValue")
        json.string(String(value.unicodeScalars.prefix(SpanLimits.text)))
    }

    private static func list(_ values: [SpanAttribute], into json: inout JSONText) {
        json.key("arrayValue")
        json.object { json in
            json.key("values")
            json.array(values.prefix(SpanLimits.attributes)) { json, value in write(value, into: &json) }
        }
    }

    private static func count(_ name: String, _ value: Int, into json: inout JSONText) {
        guard value > 0 else { return }
        json.key(name)
        json.number(value)
    }

    /// Returns the number in `Span.SpanKind` of opentelemetry/proto/trace/v1/trace.proto.
    private static func number(of kind: SpanKind) -> Int {
        switch kind {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}
