// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Randomness
import Testing
import Wire

@Suite("Strict JSON")
struct StrictJSONTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), (" true\r\n", true), ("\t[ ]", .array([])), ("{ }", .object(JSONObject([]))),
            ("\"a\\u0041\\n\\/\"", "aA\n/"), ("\"\\ud83d\\ude00\"", "😀"), ("\"\\u0000\"", "\u{0}"),
            ("\"\u{7F}\"", "\u{7F}"),
            ("{\"a\":[1,{\"b\":false}]}", ["a": .array([1, ["b": false]])]),
        ] as [(String, JSONValue)])
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text.utf8) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10",
        "1_0",
        "\"", "\"a", "\"\u{1}\"", "\"\n\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"\\ud800\\u0041\"", "\"\\ud800x\"", "'a'", "[1,]", "[,1]", "[1 2]", "[1", "]", "{\"a\":1,}", "{\"a\" 1}",
        "{a:1}",
        "{\"a\":}", "{\"a\":1", "{,}", "{\"a\":1}{}", "1 2", "// x\n1", "\u{FEFF}1", "1\u{0}", "\u{A0}1",
    ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(text.utf8) }
    }

    @Test(
        arguments: [
            [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0xAF, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0x80, 0x22], [0x22, 0xFF, 0x22],
        ] as [[UInt8]])
    func refusesWhatIsNoUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.notUTF8) { try JSONParser.parse(bytes) }
    }

    @Test func countsTheRootAsOneLevel() throws {
        let deep = { (count: Int) in String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        #expect(throws: Never.self) { try JSONParser.parse(deep(32).utf8) }
        #expect(throws: JSONError.tooDeep) { try JSONParser.parse(deep(33).utf8) }
        #expect(throws: JSONError.tooDeep) { try JSONParser.parse(String(repeating: "[", count: 60_000).utf8) }
        #expect(throws: JSONError.tooDeep) { try JSONParser.parse(String(repeating: "{\"a\":", count: 9_000).utf8) }
    }

    @Test(arguments: [
        ("1", 1), ("1.0", 1), ("1e0", 1), ("10e-1", 1), ("0.1E+1", 1), ("1e1", 10), ("100.00e-1", 10), ("-0", 0),
        ("0e999999999", 0),
        ("0.000", 0), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
        ("9.223372036854775807e18", Int64.max), ("1e18", 1_000_000_000_000_000_000), ("-5", -5),
    ])
    func judgesWholeNumbersByValue(text: String, value: Int64) throws {
        guard case .number(let number) = try JSONParser.parse(text.utf8) else { throw JSONError.notUTF8 }
        #expect(number.whole == value)
        #expect(number == JSONNumber(value))
    }

    @Test(arguments: [
        "0.1", "42.9", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e400",
        "1e99999999999999999999999", "1e-99999999999999999999999", "1.00000000000000000000000000000001",
    ])
    func findsNoWholeNumberWhereThereIsNone(text: String) throws {
        guard case .number(let number) = try JSONParser.parse(text.utf8) else { throw JSONError.notUTF8 }
        #expect(number.whole == nil)
    }

    @Test func dropsADoubleBeyondItsRange() throws {
        guard case .number(let huge) = try JSONParser.parse("1e400".utf8),
            case .number(let small) = try JSONParser.parse("-2.5e-3".utf8),
            case .number(let tiny) = try JSONParser.parse("1e-99999999999".utf8)
        else { throw JSONError.notUTF8 }
        #expect(huge.double == nil)
        #expect(small.double == -0.0025)
        #expect(tiny.double == 0)
    }

    @Test func keysAreComparedByTheirBytes() throws {
        // Swift's `==` takes U+212A, the Kelvin sign, for a K, and JSON takes "\u0070" for a p.
        guard case .object(let object) = try JSONParser.parse("{\"\u{212A}\":1,\"K\":2,\"\\u0070\":3}".utf8) else {
            throw JSONError.notUTF8
        }
        #expect(object.whole("K", in: 0...9) == 2)
        #expect(object.whole("p", in: 0...9) == 3)
    }

    @Test func nullAndRepeatedKeysGiveNothing() throws {
        guard case .object(let object) = try JSONParser.parse("{\"a\":null,\"b\":1,\"b\":1}".utf8) else {
            throw JSONError.notUTF8
        }
        #expect(object.value("a") == nil)
        #expect(object.value("b") == nil)
        #expect(object.value("c") == nil)
    }

    @Test(arguments: [UInt64](1...40))
    func aWrittenValueIsReadBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let value = randomValue(level: 1, using: &generator)
            #expect(try JSONParser.parse(value.encoded) == value, "seed \(seed)")
            #expect(!value.encoded.contains { $0 < 0x20 }, "seed \(seed)")
        }
    }

    @Test(arguments: [UInt64](1...40))
    func noBytesMakeItCrash(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]\",:\\u0dD8eE+-.tfn 0123456789abc\u{0}\u{1F}é".utf8) + [0xFF, 0xC3, 0xED, 0xA0]
        for _ in 0..<300 {
            let length = Int.random(in: 0...60, using: &generator)
            let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            if let value = try? JSONParser.parse(bytes) {
                #expect((try? JSONParser.parse(value.encoded)) == value, "seed \(seed)")
            }
            #expect(RefusalSample.masked(bytes).utf8.count <= RefusalSample.largest, "seed \(seed)")
        }
    }

    /// A skipped value is checked as strictly as a kept one, and gives the same root except for its nested values.
    @Test(arguments: [UInt64](1...40))
    func skippedValuesAreParsedAsStrictly(seed: UInt64) throws {
        func outcome(_ bytes: [UInt8], _ nested: JSONParser.Nested) -> Result<[String], JSONError> {
            Result { () throws(JSONError) in
                guard case .object(let object) = try JSONParser.parse(bytes, depth: 4, nested: nested) else {
                    return []
                }
                return object.members.map { member in
                    switch member.value {
                    case .array: member.key + "[]"
                    case .object: member.key + "{}"
                    default: member.key + member.value.text
                    }
                }
            }
        }
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]\",:\\u0dD8eE+-.tfn 0123456789abc\u{0}\u{1F}é".utf8)
        for _ in 0..<100 {
            var bytes = Array("{\"a\":".utf8) + randomValue(level: 1, using: &generator).encoded + Array("}".utf8)
            #expect(outcome(bytes, .kept) == outcome(bytes, .passedOver), "seed \(seed)")
            for _ in 0..<4 {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(outcome(bytes, .kept) == outcome(bytes, .passedOver), "seed \(seed): \(text)")
            }
        }
        for text in [
            "[01]", "[1.]", "[-]", "[1e]", "[\"\\ud800\"]", "[tru]", "[1 2]", "[,]", "{\"b\" 1}", "{1:1}",
            "[\"\u{1}\"]",
        ] {
            let bytes = Array("{\"a\":\(text)}".utf8)
            #expect(outcome(bytes, .kept) == outcome(bytes, .passedOver), "\(text)")
            #expect(throws: JSONError.self) { try outcome(bytes, .passedOver).get() }
        }
    }

    private func randomValue(level: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(level < 6 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .number(JSONNumber(Int64.random(in: Int64.min...Int64.max, using: &generator)))
        case 3:
            let text = "\(Int.random(in: -999...999, using: &generator))e\(Int.random(in: -30...30, using: &generator))"
            return (try? JSONParser.parse(text.utf8)) ?? .null
        case 4: return .string(randomText(using: &generator))
        case 5:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                    randomValue(level: level + 1, using: &generator)
                })
        default:
            let members = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                JSONObject.Member(randomText(using: &generator), randomValue(level: level + 1, using: &generator))
            }
            return .object(JSONObject(members))
        }
    }

    private func randomText(using generator: inout SeededGenerator) -> String {
        let scalars = ["a", "\"", "\\", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "\u{2028}", "😀", "/", "\u{FFFF}"]
        return (0..<Int.random(in: 0...8, using: &generator)).map { _ in
            scalars[Int.random(in: 0..<scalars.count, using: &generator)]
        }.joined()
    }
}
