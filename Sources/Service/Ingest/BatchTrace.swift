// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Tracing

/// The span of one batch's transaction: it continues the trace of the first message that has one, and is linked to them
/// all.
///
/// Costs nothing if nothing is traced. `end` must be called once.
struct BatchTrace: Sendable {
    private let span: (any Tracing.Span)?

    /// A batch may hold more messages than a span may have links.
    static let mostLinks = 64

    init(_ batch: [Arrival], _ tracer: (any Tracer)?) {
        guard let tracer else {
            span = nil
            return
        }
        let contexts = batch.lazy.compactMap(\.trace)
        let span = tracer.startSpan("commit batch", context: contexts.first ?? .topLevel, ofKind: .client)
        for context in contexts.prefix(Self.mostLinks) { span.addLink(SpanLink(context: context, attributes: [:])) }
        span.updateAttributes { attributes in
            attributes["db.operation.name"] = "COMMIT"
            attributes["db.operation.batch.size"] = batch.count
        }
        self.span = span
    }

    var context: ServiceContext? { span?.context }

    /// Says which database it is, as the conventions name it.
    func runs(on dialect: SQLDialect) {
        span?.attributes["db.system.name"] =
            switch dialect {
            case .sqlite: "sqlite"
            case .postgreSQL: "postgresql"
            }
    }

    /// An attempt failed; another may follow.
    func note(_ error: any Error, attempt: Int) {
        span?.recordError(error, attributes: ["consultease.attempt": .int64(Int64(attempt))])
    }

    /// - Parameter revision: nil if nothing was committed.
    func end(_ revision: Int64?) {
        guard let span else { return }
        if let revision {
            span.attributes["consultease.revision"] = revision
        } else {
            span.setStatus(SpanStatus(code: .error))
        }
        span.end()
    }
}
