// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL

extension RefusalRepository {
    /// A page of samples in the order of their ids.
    package struct SamplePage: Hashable, Sendable {
        /// Those that are older than `samplesKeptFor`.
        package let old: [Int64]
        /// The id to go on after; nil at the end.
        package let next: Int64?
    }

    /// Looks at the next `count` samples after `id`. Called in a reading transaction.
    package func samplePage(after id: Int64?, count: Int64) throws -> SamplePage {
        let samples: [(id: Int64, at: Timestamp)] = try connection.query(
            "SELECT id, at FROM refusal_sample WHERE id > \(id ?? Int64.min) ORDER BY id LIMIT \(count)"
        ) { row throws(SQLError) in (try row.next(), try row.next()) }
        return SamplePage(
            old: samples.filter { $0.at < now - Self.samplesKeptFor }.map(\.id),
            next: Int64(samples.count) < count ? nil : samples.last?.id)
    }

    /// Forgets those of the samples that are older than `samplesKeptFor`; the counts stay.
    package func dropOldSamples(_ ids: [Int64]) throws {
        try connection.execute(
            "DELETE FROM refusal_sample WHERE id \(in: ids) AND at < \(now - Self.samplesKeptFor)")
    }
}
