// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import CoreMetrics
import DequeModule
import Synchronization

/// Ended spans that wait for the exporter. Bounded: if the buffer is full, a new span is dropped and counted, so that
/// work never waits for a collector.
package final class SpanBuffer: Sendable {
    private let limit: Int
    private let batch: Int
    private let waiting = Mutex<Deque<SpanRecord>>([])
    private let dropped: Counter
    /// Wakes the exporter when a batch is full. It holds one signal.
    let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// A batch of `batch` spans wakes the exporter; at most `limit` spans wait.
    package init(limit: Int = 4096, batch: Int = 512, factory: any MetricsFactory) {
        precondition(batch > 0 && limit >= batch, "a batch must fit into the buffer")
        self.limit = limit
        self.batch = batch
        dropped = Counter(
            label: "consultease.telemetry.spans", dimensions: [("outcome", "dropped")], factory: factory)
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds a span, or drops it if the buffer is full. Never waits.
    package func add(_ record: SpanRecord) {
        let count = waiting.withLock { waiting -> Int? in
            guard waiting.count < limit else { return nil }
            waiting.append(record)
            return waiting.count
        }
        switch count {
        case nil: dropped.increment()
        case batch: wake.yield()
        default: break
        }
    }

    /// Removes and returns the oldest spans, at most a batch.
    package func take() -> [SpanRecord] {
        waiting.withLock { waiting in
            let taken = Array(waiting.prefix(batch))
            waiting.removeFirst(taken.count)
            return taken
        }
    }

    package var count: Int { waiting.withLock(\.count) }

    /// Wakes the exporter now.
    func wakeExporter() { wake.yield() }
}
