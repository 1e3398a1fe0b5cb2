// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import DeskUnit

@Suite("Numbers without division")
struct DecimalTests {
    @Test(
        arguments: [0, 1, 9, 10, 99, 100, 4_294_967_296, 9_223_372_036_854_775_807, 18_446_744_073_709_551_615]
            as [UInt64])
    func digitsSpellTheNumberAndReadBack(number: UInt64) {
        #expect(String(decoding: Decimal.digits(number), as: UTF8.self) == String(number))
        #expect(Decimal.number(Decimal.digits(number)) == number)
    }

    @Test(arguments: ["", "-1", "1.0", "1e3", " 1", "18446744073709551616", "100000000000000000000"])
    func aTextThatIsNoPlainNumberGivesNil(text: String) {
        #expect(Decimal.number(Array(text.utf8)) == nil)
    }

    @Test func theRemainderIsThatOfDivision() {
        let seed = UInt64.random(in: 0 ... .max)
        var state = seed
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let divisor = UInt32(truncatingIfNeeded: state >> 32) | 1
            #expect(UInt64(Decimal.remainder(state, divisor)) == state % UInt64(divisor), "seed \(seed)")
        }
    }

    @Test(arguments: [
        (#"{"a":"\u00e9\ud83d\ude00\n\u0007"}"#, "é😀  "), (#"{"a":"x","a":"y"}"#, "x"),
        (#" {"b":[1,{"c":[]}],"a":"z"} "#, "z"),
    ])
    func textsAreRead(json: String, expected: String) {
        #expect(JSONObject(Array(json.utf8))?.text("a").map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test(arguments: [
        #"{"a":"\ud83d"}"#, #"{"a":"\ude00"}"#, #"{"a":"\x"}"#, #"{"a":1"#, #"{"a" 1}"#, #"{"a":1}x"#, #"{a:1}"#,
        #"{"a":tru}"#,
    ])
    func malformedTextIsNoObject(json: String) {
        #expect(JSONObject(Array(json.utf8)) == nil)
    }
}
