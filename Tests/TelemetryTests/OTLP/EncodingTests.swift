// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Testing
import Tracing

@testable import Telemetry

@Suite("OTLP in JSON")
struct EncodingTests {
    /// Returns a span that has every kind of content.
    static func span() throws -> SpanRecord {
        let trace = try #require(TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736))
        let own = try #require(SpanID(0x00f0_67aa_0ba9_02b7))
        let context = SpanContext(traceID: trace, spanID: own, isSampled: true, traceState: "a=b")
        var span = SpanRecord(
            name: "commit \"batch\"\n\u{1}é", context: context, parent: SpanID(1), kind: .client,
            start: 1_795_507_200_123_456_789)
        span.end = 1_795_507_200_223_456_789
        span.attributes = [
            "db.system.name": "sqlite", "count": .int64(.max), "small": .int32(-7), "ratio": 0.5, "yes": true,
            "nan": .double(.nan), "list": .stringArray(["a", "b"]), "numbers": .int64Array([1, 2]),
        ]
        span.events = [
            SpanEvent(
                name: "exception",
                at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: 1_795_507_200_200_000_000),
                attributes: ["exception.message": "busy"])
        ]
        span.links = [.init(context: context, attributes: ["why": "because"])]
        span.droppedLinks = 2
        span.status = SpanStatus(code: .error, message: "no")
        return span
    }

    @Test func isWhatTheSpecificationSays() throws {
        let bytes = OTLPEncoding.request([try Self.span()], from: [("service.name", "consultease")], version: "1.2")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary)
        func dig(_ path: String) -> Any? { json.value(forKeyPathThroughArrays: path) }
        let span = "resourceSpans.0.scopeSpans.0.spans.0"
        #expect(dig("resourceSpans.0.resource.attributes.0.value.stringValue") as? String == "consultease")
        #expect(dig("\(span).traceId") as? String == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(dig("\(span).spanId") as? String == "00f067aa0ba902b7")
        #expect(dig("\(span).parentSpanId") as? String == "0000000000000001")
        #expect(dig("\(span).name") as? String == "commit \"batch\"\n\u{1}é")
        #expect(dig("\(span).kind") as? Int == 3)
        #expect(dig("\(span).startTimeUnixNano") as? String == "1795507200123456789")
        #expect(dig("\(span).status.code") as? Int == 2)
        #expect(dig("\(span).links.0.attributes.0.key") as? String == "why")
        #expect(dig("\(span).droppedLinksCount") as? Int == 2)
        let attributes = try #require(dig("\(span).attributes") as? [[String: Any]])
        let byKey = Dictionary(
            uniqueKeysWithValues: attributes.compactMap { item in
                (item["key"] as? String).map { ($0, item["value"] as? [String: Any]) }
            })
        #expect(byKey["count"]??["intValue"] as? String == "9223372036854775807")
        #expect(byKey["nan"]??["doubleValue"] as? String == "NaN")
        #expect(byKey["yes"]??["boolValue"] as? Bool == true)
    }

    /// `Tests/Process/test_telemetry.py` reads the same file with OpenTelemetry's own protos.
    @Test func isByteForByteWhatTheProtosWereShown() throws {
        let bytes = OTLPEncoding.request([try Self.span()], from: [("service.name", "consultease")], version: "1.2")
        let kept = try Repository.text("Tests/Process/otlp-request.json")
        #expect(String(decoding: bytes, as: UTF8.self) + "\n" == kept)
    }

    @Test(arguments: [
        (#"{}"#, 0), (#"{"partialSuccess":{}}"#, 0), (#"{"partialSuccess":{"rejectedSpans":"3"}}"#, 3),
        (#"{"partialSuccess":{"rejectedSpans":4}}"#, 4), ("nonsense", 0), ("", 0),
    ])
    func aPartialSuccessIsUnderstood(_ body: String, _ rejected: Int) {
        #expect(SpanExporter.rejected(in: Array(body.utf8)) == rejected)
    }

    @Test func retriesAreBoundedAndHonourWhatIsAsked() {
        func decide(_ outcome: ExportRetry.Outcome, _ attempt: Int = 1) -> ExportRetry.Decision {
            ExportRetry.decide(outcome, attempt: attempt, random: 0)
        }
        #expect(decide(.taken(rejected: 0)) == .done(rejected: 0))
        #expect(decide(.status(400, retryAfter: .seconds(1))) == .giveUp("the collector answered 400"))
        #expect(decide(.status(503, retryAfter: .seconds(7))) == .again(after: .seconds(7)))
        #expect(decide(.status(429, retryAfter: .seconds(7_000))) == .again(after: .seconds(30)))
        #expect(decide(.status(503, retryAfter: nil), 3) == .again(after: .seconds(1)))
        #expect(decide(.noAnswer("away"), 4) == .again(after: .seconds(2)))
        #expect(decide(.noAnswer("away"), ExportRetry.attempts) == .giveUp("away"))
        #expect(ExportRetry.retryAfter(" 12") == .seconds(12))
        #expect(ExportRetry.retryAfter("Wed, 21 Oct 2015 07:28:00 GMT") == nil)
    }
}

extension NSDictionary {
    fileprivate func value(forKeyPathThroughArrays path: String) -> Any? {
        var here: Any? = self
        for part in path.split(separator: ".") {
            if let index = Int(part) {
                here = (here as? [Any])?[index]
            } else {
                here = (here as? [String: Any])?[String(part)] ?? (here as? NSDictionary)?[String(part)]
            }
        }
        return here
    }
}
