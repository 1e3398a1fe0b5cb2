// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CoreMetrics
import Domain
import InMemoryTracing
import Service
import Store
import Testing
import Tracing

@testable import Web

@Suite("From the commit to the frame on the wire", .timeLimit(.minutes(5)))
struct DeliveryTrackerTests {
    @Test func theFrameThatShowsACommitIsAChildOfItsSpan() async throws {
        let tracer = InMemoryTracer()
        let trail = DeliveryTracker(tracer: tracer)
        try await withEdge(trail: trail) { edge in
            try await edge.events { events in
                _ = try await events.nextChange()
                let commit = tracer.startSpan("commit batch", context: .topLevel, ofKind: .client)
                let revision = try await edge.say(.available, for: 1)
                trail.committed(revision, arrivedAt: edge.store.now, context: commit.context)
                commit.end()
                let change = try await events.nextChange()
                #expect(try change.tag.revision == revision)
                try await eventually("the frame has its span") {
                    tracer.finishedSpans.contains { $0.operationName == "write frame" }
                }
                let frame = try #require(tracer.finishedSpans.first { $0.operationName == "write frame" })
                #expect(frame.parentSpanID == commit.spanID)
                #expect(frame.traceID == commit.traceID)
                #expect(frame.attributes.get("consultease.revision") == .int64(revision.number))
            }
        }
    }

    @Test func aStreamOfAnotherDepartmentHoldsNothingUp() async throws {
        let trail = DeliveryTracker(tracer: nil)
        try await withEdge(trail: trail) { edge in
            try await edge.events("?department=Letters+%26+Arts") { letters in
                _ = try await letters.nextChange()
                try await edge.events("?department=Engineering") { engineering in
                    _ = try await engineering.nextChange()
                    let revision = try await edge.say(.available, for: 1)
                    trail.committed(revision, arrivedAt: edge.store.now, context: nil)
                    _ = try await engineering.nextChange()
                    try await eventually("both have been told") { trail.revisionsUnderWay == 0 }
                }
            }
            try await eventually("both have gone") { trail.streams == 0 }
        }
    }
}
