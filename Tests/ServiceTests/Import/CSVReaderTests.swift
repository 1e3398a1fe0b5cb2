// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Randomness
import Service
import TestSupport
import Testing

@Suite("CSV by RFC 4180")
struct CSVReaderTests {
    private func read(_ text: String) -> (rows: [[String]], faults: [CSVReader.Fault]) {
        let (records, faults) = CSVReader.read(Array(text.utf8))
        return (records.map(\.fields), faults)
    }

    @Test(arguments: [
        ("", []),
        ("\n\r\n", []),
        ("a,b", [["a", "b"]]),
        ("a,b\n", [["a", "b"]]),
        ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
        ("\u{FEFF}a\nb", [["a"], ["b"]]),
        ("a\n\nb", [["a"], ["b"]]),
        (",", [["", ""]]),
        ("a,\n,b", [["a", ""], ["", "b"]]),
        (" a , b ", [[" a ", " b "]]),
        (#""a,b","c""d""#, [["a,b", "c\"d"]]),
        ("\"\",\"\"\n", [["", ""]]),
        ("\"two\r\nlines\",x", [["two\r\nlines", "x"]]),
        (#""""""#, [["\""]]),
        ("Ñ,\"日本\"", [["Ñ", "日本"]]),
    ])
    func readsRowsAndFields(_ text: String, _ rows: [[String]]) {
        let found = read(text)
        #expect(found.rows == rows)
        #expect(found.faults.isEmpty)
    }

    @Test(arguments: [
        ("a\nb\"c\nd", [["a"], ["d"]], 2, 0, CSVReader.Kind.strayQuote),
        ("a\nx, \"b\"\nd", [["a"], ["d"]], 2, 1, .strayQuote),
        ("a\n\"b\"c,x\nd", [["a"], ["d"]], 2, 0, .textAfterQuote),
        ("a\n\"b\" ,x\nd", [["a"], ["d"]], 2, 0, .textAfterQuote),
        ("a\n\"b\nc,d", [["a"]], 2, 0, .unclosedQuote),
        ("a\rb\nc", [["c"]], 1, 0, .loneCarriageReturn),
        ("a\nb\r", [["a"]], 2, 0, .loneCarriageReturn),
    ])
    func namesTheLineOfAFaultAndGoesOn(
        _ text: String, _ rows: [[String]], _ line: Int, _ position: Int, _ kind: CSVReader.Kind
    ) {
        let found = read(text)
        #expect(found.rows == rows)
        #expect(found.faults == [CSVReader.Fault(line: line, position: position, kind: kind)])
    }

    @Test func refusesBytesThatAreNotUTF8() {
        let (records, faults) = CSVReader.read(Array("a,b\nx,".utf8) + [0xFF, 0x0A] + Array("c,d".utf8))
        #expect(records.map(\.line) == [1, 3])
        #expect(faults == [CSVReader.Fault(line: 2, position: 1, kind: .notUTF8)])
    }

    @Test func countsTheLinesInsideQuotes() {
        let (records, _) = CSVReader.read(Array("a\n\"1\n2\n3\"\nb".utf8))
        #expect(records.map(\.line) == [1, 2, 5])
    }

    @Test(arguments: [1, 2, 3, 4, 5])
    func aQuotedFieldIsReadBack(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("ab,\"\n\r é\t;")
        for _ in 0..<200 {
            let rows = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    String(
                        (0..<Int.random(in: 0...6, using: &random)).map { _ in
                            alphabet.randomElement(using: &random) ?? "a"
                        })
                }
            }
            let text = rows.map { row in
                row.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",")
            }.joined(separator: "\r\n")
            let found = read(text)
            #expect(found.rows == rows, "seed \(seed)")
            #expect(found.faults.isEmpty, "seed \(seed)")
        }
    }

    @Test(arguments: [6, 7, 8])
    func anyBytesAreReadToTheirEnd(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let bytes: [UInt8] = [0x22, 0x2C, 0x0A, 0x0D, 0x61, 0xC3, 0xA9, 0xFF, 0x00]
        for _ in 0..<2000 {
            let file = (0..<Int.random(in: 0...40, using: &random)).map { _ in bytes.randomElement(using: &random) ?? 0
            }
            let (records, faults) = CSVReader.read(file)
            let lines = records.map(\.line) + faults.map(\.line)
            #expect(Set(lines).count == lines.count, "seed \(seed), file \(file)")
            #expect(lines.allSatisfy { $0 >= 1 && $0 <= file.count { $0 == 0x0A } + 1 }, "seed \(seed), file \(file)")
        }
    }
}
