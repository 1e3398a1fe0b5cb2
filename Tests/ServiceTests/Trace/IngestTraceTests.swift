// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import InMemoryTracing
import Logging
import Service
import Store
import Synchronization
import TestSupport
import Testing
import Tracing

@Suite("The trace of a batch", .timeLimit(.minutes(5)))
struct IngestTraceTests {
    @Test func aCommitContinuesTheFirstMessageAndIsLinkedToAll() async throws {
        try await withService { fixture in
            let tracer = InMemoryTracer()
            let ingest = Ingest(
                store: fixture.store, trail: DeliveryTracker(tracer: tracer), logger: quietLogger)
            let settledIn = Mutex<[String?]>([])
            var messages: [InMemorySpan] = []
            for number in 1...3 {
                let span = tracer.startSpan("consultease receive", context: .topLevel, ofKind: .consumer)
                messages.append(span)
                await ingest.submit(
                    Arrival(
                        fixture.delivery("consultease/faculty/\(number)/status", #"{"present":true}"#),
                        trace: span.context
                    ) { _ in
                        let spanID = ServiceContext.current?.inMemorySpanContext?.spanID
                        settledIn.withLock { $0.append(spanID) }
                    })
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await ingest.run() }
                defer { group.cancelAll() }
                try await eventually("settled") { settledIn.withLock { $0.count == 3 } }
                try await eventually("the span has ended") { !tracer.finishedSpans.isEmpty }
            }
            let commit = try #require(tracer.finishedSpans.first { $0.operationName == "commit batch" })
            #expect(commit.traceID == messages[0].traceID && commit.parentSpanID == messages[0].spanID)
            #expect(commit.links.compactMap { $0.context.inMemorySpanContext?.spanID } == messages.map(\.spanID))
            #expect(commit.kind == .client)
            #expect(commit.attributes.get("db.operation.batch.size") == .int64(3))
            #expect(commit.attributes.get("db.system.name") == .string("sqlite"))
            #expect(commit.attributes.get("consultease.revision") == .int64(fixture.store.lastCommitted.number))
            #expect(settledIn.withLock { $0 } == Array(repeating: commit.spanID, count: 3))
        }
    }

    @Test func whereNothingIsTracedThereIsNoContext() async throws {
        try await withService { fixture in
            let ingest = Ingest(store: fixture.store, trail: DeliveryTracker(tracer: nil), logger: quietLogger)
            let settledIn = Mutex<[Bool]>([])
            await ingest.submit(
                Arrival(fixture.delivery("consultease/faculty/1/status", #"{"present":true}"#)) { _ in
                    let hasContext = ServiceContext.current != nil
                    settledIn.withLock { $0.append(hasContext) }
                })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await ingest.run() }
                defer { group.cancelAll() }
                try await eventually("settled") { settledIn.withLock { $0.count == 1 } }
            }
            #expect(settledIn.withLock { $0 } == [false])
            #expect(ingest.tracer == nil)
        }
    }
}
