// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import SQL

/// The parameters of a statement as the protocol sends them: binary, with their types, so that every byte arrives as it
/// is.
struct Parameters {
    let types: [Oid]
    private let lengths: [Int32]
    private let formats: [Int32]
    /// The offset of each value in `bytes`; nil for NULL.
    private let offsets: [Int?]
    private let bytes: [UInt8]

    /// Throws if a pair can't be sent.
    init(_ parameters: [SQLParameter]) throws(SQLError) {
        var encoder = Encoder()
        for parameter in parameters { try encoder.add(parameter) }
        self.init(encoder)
    }

    /// One array a column.
    init(_ rows: SQLRows, types: [SQLType]) {
        var encoder = Encoder()
        for (column, type) in types.enumerated() {
            encoder.add(type: type.arrayType) { bytes in
                let places = stride(from: column, to: rows.values.count, by: rows.width)
                bytes.appendArray(of: type, count: rows.count, places.lazy.map { rows.values[$0] })
            }
        }
        self.init(encoder)
    }

    private init(_ encoder: Encoder) {
        types = encoder.types
        lengths = encoder.lengths
        offsets = encoder.offsets
        // An empty value needs an address too: without one it would be NULL.
        bytes = encoder.bytes + [0]
        formats = encoder.types.map { _ in 1 }
    }

    var count: Int32 { Int32(types.count) }

    /// Calls `body` with pointers to the values, and their lengths and formats; they are valid during the call.
    func withPointers<Result>(
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                body(
                    offsets.map { offset in offset.flatMap { buffer.baseAddress?.advanced(by: $0) } }, lengths, formats)
            }
        }
    }

    private struct Encoder {
        var types: [Oid] = []
        var lengths: [Int32] = []
        var offsets: [Int?] = []
        var bytes: [UInt8] = []

        mutating func add(_ parameter: SQLParameter) throws(SQLError) {
            switch parameter {
            case .value(.null, let type):
                types.append(type?.valueType ?? 0)
                lengths.append(0)
                offsets.append(nil)
            case .value(let value, let type):
                add(type: (type ?? value.ownType).valueType) { $0.append(value) }
            case .set(let members, let type):
                add(type: type.arrayType) { $0.appendArray(of: type, count: members.count, members) }
            case .pairs(let pairs):
                let text = try JSONArray.text(of: pairs)
                add(type: SQLType.text.valueType) { $0.append(contentsOf: text.utf8) }
            }
        }

        mutating func add(type: Oid, _ append: (inout [UInt8]) -> Void) {
            let start = bytes.count
            append(&bytes)
            types.append(type)
            lengths.append(Int32(bytes.count - start))
            offsets.append(start)
        }
    }
}

extension SQLValue {
    fileprivate var ownType: SQLType {
        switch self {
        case .integer: .integer
        case .text, .null: .text
        case .blob: .blob
        }
    }
}

extension SQLType {
    /// The OID of `bigint`, `text` and `bytea`: PostgreSQL's own types have the same everywhere.
    fileprivate var valueType: Oid {
        switch self {
        case .integer: 20
        case .text: 25
        case .blob: 17
        }
    }

    fileprivate var arrayType: Oid {
        switch self {
        case .integer: 1016
        case .text: 1009
        case .blob: 1001
        }
    }

    /// What a cast writes.
    var arrayName: String {
        switch self {
        case .integer: "bigint[]"
        case .text: "text[]"
        case .blob: "bytea[]"
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ value: SQLValue) {
        switch value {
        case .null: break
        case .integer(let number): appendBigEndian(number)
        case .text(let text): append(contentsOf: text.utf8)
        case .blob(let blob): append(contentsOf: blob)
        }
    }

    /// Appends an array of one dimension in PostgreSQL's binary form (`array_send` in its source): dimensions, whether
    /// there are NULLs, the members' type, the length and the first index, then each member after its length, -1 for
    /// NULL.
    fileprivate mutating func appendArray(of type: SQLType, count: Int, _ members: some Sequence<SQLValue>) {
        appendBigEndian(Int32(count == 0 ? 0 : 1))
        appendBigEndian(Int32(1))
        appendBigEndian(type.valueType)
        guard count > 0 else { return }
        appendBigEndian(Int32(count))
        appendBigEndian(Int32(1))
        for member in members {
            let place = self.count
            appendBigEndian(Int32(-1))
            guard member != .null else { continue }
            append(member)
            let length = UInt32(self.count - place - 4)
            for (offset, shift) in [24, 16, 8, 0].enumerated() {
                self[place + offset] = UInt8(truncatingIfNeeded: length >> UInt32(shift))
            }
        }
    }

    private mutating func appendBigEndian(_ number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
