// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Metrics
import Synchronization
package import Tracing

/// Follows each update from its commit to the last screen: the context of its trace crosses the database by its
/// revision.
///
/// Shared by Ingest, which notes what it has committed, and by the open streams, which say how far they have told their
/// screens. Any thread; a short lock, no waiting. Holds `limit` revisions at most, and gives the oldest up. A stream of
/// a department that a commit didn't touch isn't woken by it: it says so with its next beat, two seconds later at most,
/// and the revision waits here.
///
/// *Written* means taken by the kernel for the stream's connection.
package final class DeliveryTracker: Sendable {
    /// Nil if nothing is traced.
    package let tracer: (any Tracer)?
    private let ledger: Mutex<UpdateLedger<ServiceContext>>

    private static let written = Timer(label: "consultease.update.written")
    private static let shown = Timer(label: "consultease.update.shown")
    private static let givenUp = Counter(label: "consultease.update.untraced")

    package init(limit: Int = 1_024, tracer: (any Tracer)? = InstalledTracer.current) {
        self.tracer = tracer
        ledger = Mutex(UpdateLedger(limit: limit))
    }

    /// Notes that `revision` is committed and must be shown.
    ///
    /// - Parameters:
    ///   - arrivedAt: when the first message came that is in it.
    ///   - context: of the span of its commit.
    package func committed(_ revision: Revision, arrivedAt: Timestamp, context: ServiceContext?) {
        record(ledger.withLock { $0.committed(revision, arrivedAt: arrivedAt, context: context) })
    }

    /// A stream opens: from now on revisions wait for it. Called before it takes its first frame.
    package func follow() -> UpdateFollower {
        UpdateFollower(trail: self, key: ledger.withLock { $0.join() })
    }

    /// Streams that are open.
    package var streams: Int { ledger.withLock(\.followerCount) }

    /// Revisions that not all of them have told of yet.
    package var revisionsUnderWay: Int { ledger.withLock(\.underWay) }

    fileprivate func told(_ key: Int, upTo revision: Revision, by writing: UpdateLedger<ServiceContext>.Writing?) {
        record(ledger.withLock { $0.told(key, upTo: revision, by: writing) })
    }

    fileprivate func leave(_ key: Int) {
        record(ledger.withLock { $0.leave(key) })
    }

    private func record(_ effects: [UpdateLedger<ServiceContext>.Effect]) {
        for effect in effects {
            switch effect {
            case .written(let after): Self.written.recordMilliseconds(after.milliseconds)
            case .shown(let after): Self.shown.recordMilliseconds(after.milliseconds)
            case .givenUp: Self.givenUp.increment()
            case .frame(let writing, let revisions, let contexts): trace(writing, revisions, contexts)
            }
        }
    }

    /// A child of the newest commit that the frame shows, linked to the others.
    private func trace(
        _ writing: UpdateLedger<ServiceContext>.Writing, _ revisions: [Revision], _ contexts: [ServiceContext]
    ) {
        guard let tracer, let (began, ended) = writing.traced, let parent = contexts.last else { return }
        let span = tracer.startSpan(
            "write frame", context: parent, ofKind: .producer,
            at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: began))
        span.updateAttributes { attributes in
            attributes["consultease.revision"] = revisions.last?.number
            attributes["consultease.frame.revisions"] = revisions.count
        }
        for other in contexts.dropLast() { span.addLink(SpanLink(context: other, attributes: [:])) }
        span.end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: ended))
    }
}

/// One open stream's place in the trail. Used by one task or event loop at a time; `leave()` must be called once, at
/// its end.
package struct UpdateFollower: Sendable {
    fileprivate let trail: DeliveryTracker
    fileprivate let key: Int

    package typealias Start = DefaultTracerClock.Timestamp

    /// When a write begins, by the tracer's clock; nil if nothing is traced.
    package var start: Start? { trail.tracer == nil ? nil : DefaultTracerClock.now }

    /// A frame with everything up to `revision` is written: at `moment`, begun at `start`.
    package func wrote(_ revision: Revision, at moment: Timestamp, since start: Start?) {
        let traced = start.map {
            (began: $0.nanosecondsSinceEpoch, ended: DefaultTracerClock.now.nanosecondsSinceEpoch)
        }
        trail.told(key, upTo: revision, by: .init(at: moment, traced: traced))
    }

    /// Up to `revision` there is nothing that this stream must write.
    package func hasNothingNew(upTo revision: Revision) {
        trail.told(key, upTo: revision, by: nil)
    }

    package func leave() {
        trail.leave(key)
    }
}
