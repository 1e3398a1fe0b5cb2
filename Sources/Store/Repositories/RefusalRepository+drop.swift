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
        let rows = try connection.query(
            "SELECT id, at FROM refusal_sample WHERE id > \(id ?? Int64.min) ORDER BY id LIMIT \(count)")
        var old: [Int64] = []
        for row in rows where try row.get(1, as: Timestamp.self) < now - Self.samplesKeptFor {
            old.append(try row.get(0))
        }
        return SamplePage(old: old, next: Int64(rows.count) < count ? nil : try rows.last?.get(0))
    }

    /// Forgets those of the samples that are older than `samplesKeptFor`; the counts stay.
    package func dropOldSamples(_ ids: [Int64]) throws {
        try connection.execute(
            "DELETE FROM refusal_sample WHERE id IN \(list: ids) AND at < \(now - Self.samplesKeptFor)")
    }
}
