// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Reads comma-separated values as RFC 4180 has them, in UTF-8, strictly: what is wrong is named by line, never guessed
/// at.
///
/// Lines end with CRLF or LF, a byte order mark is skipped, lines without a character are skipped. After a fault
/// reading goes on at the next line, so that one reading names every bad row.
package struct CSVReader {
    /// One row as it stands.
    package struct Record: Hashable, Sendable {
        /// Where it begins, from 1: quoted fields may span lines.
        package let line: Int
        package let fields: [String]

        /// Whether no field holds anything: a row of commas alone.
        package var isBlank: Bool { fields.allSatisfy { $0.allSatisfy(\.isWhitespace) } }
    }

    /// A row that can't be read.
    package struct Fault: Hashable, Sendable {
        package let line: Int
        /// The field's position in the row, from 0.
        package let position: Int
        package let kind: Kind

        package init(line: Int, position: Int, kind: Kind) {
            self.line = line
            self.position = position
            self.kind = kind
        }
    }

    package enum Kind: Hashable, Sendable {
        /// A quote inside a field that doesn't begin with one.
        case strayQuote
        /// Something between a closing quote and the comma or the line's end.
        case textAfterQuote
        /// The file ends inside quotes.
        case unclosedQuote
        /// A carriage return that no line feed follows.
        case loneCarriageReturn
        case notUTF8
    }

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var records: [Record] = []
    private var faults: [Fault] = []

    /// The rows and the faults, each in the order of the file.
    package static func read(_ bytes: [UInt8]) -> (records: [Record], faults: [Fault]) {
        var reader = CSVReader(bytes)
        while reader.index < reader.bytes.count { reader.readRecord() }
        return (reader.records, reader.faults)
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    private mutating func readRecord() {
        let first = line
        if takeLineEnd() { return }
        var fields: [String] = []
        while true {
            let field = takeField()
            switch field.map({ String(validating: $0, as: UTF8.self) }) {
            case .success(let text?):
                fields.append(text)
            case .success(nil):
                return skip(from: first, fields.count, .notUTF8)
            case .failure(let fault):
                return skip(from: first, fields.count, fault.kind)
            }
            guard peek == UInt8(ascii: ",") else {
                // The field ended here, so this is a line's end or the file's.
                _ = takeLineEnd()
                records.append(Record(line: first, fields: fields))
                return
            }
            index += 1
        }
    }

    private struct FieldFault: Error {
        let kind: Kind
    }

    /// Reads up to the comma, the line's end or the file's end, which stays.
    private mutating func takeField() -> Result<[UInt8], FieldFault> {
        peek == UInt8(ascii: "\"") ? takeQuotedField() : takePlainField()
    }

    private mutating func takePlainField() -> Result<[UInt8], FieldFault> {
        let start = index
        while let byte = peek, byte != UInt8(ascii: ","), byte != UInt8(ascii: "\n") {
            if byte == UInt8(ascii: "\"") { return .failure(FieldFault(kind: .strayQuote)) }
            if byte == UInt8(ascii: "\r") {
                guard isAtLineEnd else { return .failure(FieldFault(kind: .loneCarriageReturn)) }
                break
            }
            index += 1
        }
        return .success(Array(bytes[start..<index]))
    }

    private mutating func takeQuotedField() -> Result<[UInt8], FieldFault> {
        index += 1
        var field: [UInt8] = []
        while let byte = peek {
            index += 1
            switch byte {
            case UInt8(ascii: "\"") where peek == UInt8(ascii: "\""):
                index += 1
                field.append(byte)
            case UInt8(ascii: "\""):
                let ends = peek == nil || peek == UInt8(ascii: ",") || isAtLineEnd
                return ends ? .success(field) : .failure(FieldFault(kind: .textAfterQuote))
            default:
                if byte == UInt8(ascii: "\n") { line += 1 }
                field.append(byte)
            }
        }
        return .failure(FieldFault(kind: .unclosedQuote))
    }

    /// Notes a fault and goes on at the next line.
    private mutating func skip(from first: Int, _ position: Int, _ kind: Kind) {
        faults.append(Fault(line: first, position: position, kind: kind))
        while let byte = peek {
            index += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                return
            }
        }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private var isAtLineEnd: Bool {
        peek == UInt8(ascii: "\n")
            || peek == UInt8(ascii: "\r") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")
    }

    private mutating func takeLineEnd() -> Bool {
        guard isAtLineEnd else { return false }
        index += peek == UInt8(ascii: "\n") ? 1 : 2
        line += 1
        return true
    }
}

extension CSVReader.Kind {
    package var problem: String {
        switch self {
        case .strayQuote: "a quote stands in the middle of an unquoted field"
        case .textAfterQuote: "something stands between a closing quote and the next comma"
        case .unclosedQuote: "a quote is opened and never closed"
        case .loneCarriageReturn: "a carriage return stands alone"
        case .notUTF8: "there are bytes that are not UTF-8"
        }
    }

    package var remedy: String {
        switch self {
        case .strayQuote, .textAfterQuote:
            "put the whole field in quotes, and double each quote that belongs to the text"
        case .unclosedQuote: "close it; everything after it was read as one field"
        case .loneCarriageReturn: "save the file with line ends of Unix or Windows"
        case .notUTF8: "save the file as UTF-8"
        }
    }
}
