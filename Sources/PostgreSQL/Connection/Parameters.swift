// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import SQL

/// The values of a statement as the protocol sends them: binary, with their types, so that every byte arrives as it is.
struct Parameters {
    let types: [Oid]
    private let lengths: [Int32]
    private let formats: [Int32]
    /// Where each value begins in `bytes`; nil for NULL.
    private let offsets: [Int?]
    private let bytes: [UInt8]

    init(_ values: [SQLValue]) {
        var types: [Oid] = []
        var lengths: [Int32] = []
        var offsets: [Int?] = []
        var bytes: [UInt8] = []
        for value in values {
            let start = bytes.count
            switch value {
            case .null: types.append(0)
            case .integer(let number):
                types.append(20)
                withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let text):
                types.append(25)
                bytes.append(contentsOf: text.utf8)
            case .blob(let blob):
                types.append(17)
                bytes.append(contentsOf: blob)
            }
            lengths.append(Int32(bytes.count - start))
            offsets.append(value == .null ? nil : start)
        }
        // An empty value needs an address too: without one it would be NULL.
        bytes.append(0)
        self.types = types
        self.lengths = lengths
        self.offsets = offsets
        self.bytes = bytes
        formats = values.map { _ in 1 }
    }

    var count: Int32 { Int32(types.count) }

    /// Calls `body` with values, lengths and formats, which are valid during the call.
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
}
