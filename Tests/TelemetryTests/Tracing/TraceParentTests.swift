// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Telemetry

@Suite("W3C Trace Context")
struct TraceParentTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test(arguments: [
        ("00-\(trace)-\(span)-01", true), ("00-\(trace)-\(span)-00", false), ("00-\(trace)-\(span)-03", true),
        ("cc-\(trace)-\(span)-01", true), ("cc-\(trace)-\(span)-01-what-comes-later", true),
    ])
    func isReadAsTheSpecificationSays(_ text: String, _ isSampled: Bool) throws {
        let context = try #require(TraceParent.decode(text))
        #expect("\(context.traceID)" == Self.trace)
        #expect("\(context.spanID)" == Self.span)
        #expect(context.isSampled == isSampled)
        #expect(context.isRemote)
    }

    @Test(arguments: [
        "", "00", "ff-\(trace)-\(span)-01", "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-x",
        "00-\(trace)-\(span)-1", "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-0000000000000000-01",
        "00-00000000000000000000000000000000-\(span)-01", "00_\(trace)-\(span)-01", "cc-\(trace)-\(span)-01x",
        "00-\(trace)-\(span)-0g", " 00-\(trace)-\(span)-01", "00-\(trace)\(span)-01",
    ])
    func isRefusedOtherwise(_ text: String) {
        #expect(TraceParent.decode(text) == nil)
    }

    @Test func comesBackAsItWent() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let context = SpanContext(
                traceID: TraceID(using: &generator), spanID: SpanID(using: &generator), isSampled: .random())
            let back = TraceParent.decode(TraceParent.encode(context))
            #expect(back?.traceID == context.traceID && back?.spanID == context.spanID)
            #expect(back?.isSampled == context.isSampled)
        }
    }

    @Test func stateThatIsTooLongIsDropped() {
        let parent = "00-\(Self.trace)-\(Self.span)-01"
        #expect(TraceParent.decode(parent, state: "a=b,c=d")?.traceState == "a=b,c=d")
        #expect(TraceParent.decode(parent, state: String(repeating: "x", count: 513))?.traceState == nil)
        #expect(TraceParent.decode(parent, state: "")?.traceState == nil)
    }

    @Test func aRatioIsKeptAndEverybodyDecidesAlike() {
        var generator = SystemRandomNumberGenerator()
        let sampler = Sampler(.ratio(0.25))
        let traces = (0..<20_000).map { _ in TraceID(using: &generator) }
        let sampled = traces.filter { sampler.samples($0, parent: nil) }
        #expect((4_400...5_600).contains(sampled.count))
        let more = Sampler(.ratio(0.5))
        #expect(sampled.allSatisfy { more.samples($0, parent: nil) })
        #expect(traces.allSatisfy { Sampler(.ratio(1)).samples($0, parent: nil) })
        #expect(!traces.contains { Sampler(.ratio(0)).samples($0, parent: nil) })
    }

    @Test func aSpanDoesAsItsParentDoesUnlessToldOtherwise() throws {
        let parent = try #require(TraceParent.decode("00-\(Self.trace)-\(Self.span)-00"))
        #expect(!Sampler(.always).samples(parent.traceID, parent: parent))
        #expect(Sampler(.always, followsParent: false).samples(parent.traceID, parent: parent))
    }
}
