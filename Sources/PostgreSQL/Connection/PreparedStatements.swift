// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ

/// The statements that a connection has prepared: the 256 that were used last.
struct PreparedStatements {
    /// The same text with values of other types counts as another statement.
    struct Key: Hashable {
        let text: String
        let types: [Oid]
    }

    enum Lookup: Equatable {
        case known(name: String)
        /// Prepare it as `name`, after deallocating `evicted`.
        case new(name: String, evicted: String?)
    }

    private var entries: [Key: Entry] = [:]
    private var next: UInt64 = 0
    private let limit: Int

    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    init(limit: Int = 256) {
        self.limit = limit
    }

    mutating func look(up key: Key) -> Lookup {
        next += 1
        if let entry = entries[key] {
            entries[key]?.lastUse = next
            return .known(name: entry.name)
        }
        var evicted: String?
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            evicted = oldest.value.name
            entries[oldest.key] = nil
        }
        let name = "ce_\(next)"
        entries[key] = Entry(name: name, lastUse: next)
        return .new(name: name, evicted: evicted)
    }

    /// Forgets a statement that the server refused to prepare.
    mutating func forget(_ key: Key) {
        entries[key] = nil
    }

    /// Forgets all statements, because the server's have changed. Names aren't reused.
    mutating func forgetAll() {
        entries = [:]
    }
}
