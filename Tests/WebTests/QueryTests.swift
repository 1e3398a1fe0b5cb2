// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HTTPTypes
import NIOCore
import Testing

@testable import Web

@Suite("Parameters and tags")
struct QueryTests {
    @Test(arguments: [
        ("a+b", "a b"), ("a%2Bb", "a+b"), ("%C3%B1", "ñ"), ("%41", "A"), ("", ""), ("%", nil), ("%4", nil),
        ("%4g", nil), ("%ff", nil), ("%C3", nil), ("plain", "plain"),
    ])
    func decodesAsFormsEncode(_ text: String, _ expected: String?) {
        #expect(FormEncoding.decode(text) == expected)
    }

    @Test func anEncodedValueDecodesToItself() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = Seeded(state: seed)
        for _ in 0..<500 {
            let scalars = (0..<Int.random(in: 0...20, using: &generator)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2_FFFF, using: &generator))
            }
            let text = String(String.UnicodeScalarView(scalars))
            let encoded = FormEncoding.encode(text)
            #expect(encoded.utf8.allSatisfy { $0 < 0x7F && $0 > 0x20 }, "seed \(seed)")
            #expect(FormEncoding.decode(encoded) == text, "seed \(seed)")
        }
    }

    @Test func countsCharactersAndNotBytes() throws {
        let longest = String(repeating: "ñ", count: Query.longestValue)
        #expect(try Query("department=\(FormEncoding.encode(longest))").department() == longest)
        #expect(throws: Problem.self) { try Query("department=\(FormEncoding.encode(longest))n").department() }
    }

    @Test(arguments: [
        ("\"a1b2c3d4-7/1\"", true), ("*", true), ("W/\"a1b2c3d4-7/1\"", true),
        ("\"x\" , \"a1b2c3d4-7/1\" ", true), ("\"a1b2c3d4-70/1\"", false), ("a1b2c3d4-7/1", false), ("", false),
        ("\"a1b2c3d4-7/1/x\"", false), ("\"a1b2c3d4-7\"", false),
    ])
    func aTagIsKnownWhereTheReaderNamesIt(_ value: String, _ expected: Bool) throws {
        let tag = EntityTag(try #require(RevisionTag("a1b2c3d4-7")))
        #expect(tag.isKnown(to: [.ifNoneMatch: value]) == expected)
    }

    @Test(arguments: [0, 1, EventEncoder.partSize - 1, EventEncoder.partSize, EventEncoder.partSize + 1, 300_000])
    func anEventInPartsIsTheWholeEvent(_ size: Int) throws {
        let tag = try #require(RevisionTag("a1b2c3d4-7"))
        let json = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        let parts = EventEncoder.parts(kind: "change", tag: tag, json: json)
        var chunks: [String] = []
        for part in parts {
            let fields = String(buffer: part).split(separator: "\r\n", omittingEmptySubsequences: false).map(
                String.init)
            #expect(fields.count == 3 && fields[2].isEmpty)
            #expect(Int(fields[0], radix: 16) == fields[1].utf8.count)
            chunks.append(fields[1])
        }
        let whole = chunks.joined()
        #expect(whole == "event: change\nid: a1b2c3d4-7\ndata: \(String(decoding: json, as: UTF8.self))\n\n")
        #expect(parts.allSatisfy { $0.readableBytes <= EventEncoder.partSize + 16 })
    }
}

/// SplitMix64 gives the same numbers from the same seed.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
