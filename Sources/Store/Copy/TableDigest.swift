// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import SQL

/// A table's contents in two numbers that are the same on every engine: equal if the rows are equal.
package struct TableDigest: Hashable, Sendable {
    package let table: String
    package let rows: Int64
    package let checksum: RowChecksum.Value

    package init(table: String, rows: Int64, checksum: RowChecksum.Value) {
        self.table = table
        self.rows = rows
        self.checksum = checksum
    }

    /// What the connection's snapshot holds of each table of the schema, read in chunks. `onRows` is told how many more
    /// rows have been read; it throws to end the reading.
    package static func all(
        schema: Int64, _ connection: any Connection, onRows: (Int) throws -> Void = { _ in }
    ) throws -> [TableDigest] {
        try CopiedTable.all(schema: schema).map { table in
            var builder = Builder(table.name)
            try TableReader(table).chunks(connection) { rows in
                builder.add(rows)
                try onRows(rows.count)
            }
            return builder.digest
        }
    }

    /// Adds rows one by one. The checksum of a table is the sum of its rows' checksums, each half modulo 2⁶⁴, so the
    /// order of reading, which two engines may see differently, does not matter.
    struct Builder {
        private let table: String
        private var rows: Int64 = 0
        private var first: UInt64 = 0
        private var second: UInt64 = 0

        init(_ table: String) {
            self.table = table
        }

        mutating func add(_ more: [SQLRow]) {
            for row in more {
                let checksum = RowChecksum.of(RowEncoding.bytes(row.values))
                first &+= checksum.first
                second &+= checksum.second
            }
            rows += Int64(more.count)
        }

        var digest: TableDigest {
            TableDigest(table: table, rows: rows, checksum: .init(first: first, second: second))
        }
    }
}

/// The canonical row: for each column a tag, and for what has a length the length before it, so that no two rows share
/// a form.
///
/// null is 0. A whole number is 1 and 8 bytes. Text is 2, its length in 8 bytes, and its UTF-8. Bytes are 3, their
/// length in 8 bytes, and they themselves. Numbers are little-endian, in two's complement.
enum RowEncoding {
    static func bytes(_ values: [SQLValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 16)
        for value in values {
            switch value {
            case .null: bytes.append(0)
            case .integer(let number): append(1, UInt64(bitPattern: number), to: &bytes)
            case .text(let text):
                append(2, UInt64(text.utf8.count), to: &bytes)
                bytes.append(contentsOf: text.utf8)
            case .blob(let blob):
                append(3, UInt64(blob.count), to: &bytes)
                bytes.append(contentsOf: blob)
            }
        }
        return bytes
    }

    private static func append(_ tag: UInt8, _ number: UInt64, to bytes: inout [UInt8]) {
        bytes.append(tag)
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
