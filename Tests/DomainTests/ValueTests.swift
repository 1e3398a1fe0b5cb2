// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing

@Suite("Values")
struct ValueTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999Z"), (1_795_521_600_000, "2026-11-24T12:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"), (951_868_800_001, "2000-03-01T00:00:00.001Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"), (1_735_689_599_050, "2024-12-31T23:59:59.050Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000, "0001-01-01T00:00:00Z"),
        ] as [(Int64, String)])
    func timestampsAreISO8601(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).iso8601 == text)
    }

    @Test(
        arguments: [(59_999, 0), (60_000, 60_000), (-1, -60_000), (-60_000, -60_000), (0, 0), (.min, .min)]
            as [(Int64, Int64)])
    func minutesAreFloored(milliseconds: Int64, floored: Int64) {
        #expect(Timestamp(milliseconds: milliseconds).flooredToMinute.milliseconds == floored)
    }

    @Test(arguments: ["abcdefgh-0", "abcdefgh-9223372036854775807", "0123456789abcdef0123456789abcdef-12"])
    func revisionTagsAreReadBack(_ text: String) {
        #expect(RevisionTag(text)?.description == text)
    }

    @Test(arguments: [
        "", "abcdefgh", "abcdefgh-", "-1", "abcdefgh-01", "abcdefgh--1", "abcdefgh-1-2", "abcdefg-1", "ABCDEFGH-1",
        "abcdefgh-1 ",
        "abcdefgh-9223372036854775808", "abcdéfgh-1", "abcdefgh-１",
    ])
    func otherTextIsNoRevisionTag(_ text: String) {
        #expect(RevisionTag(text) == nil)
    }

    @Test func lineagesAreNewEachTime() {
        var generator = SystemRandomNumberGenerator()
        let lineages = Set((0..<100).map { _ in Lineage(using: &generator) })
        #expect(lineages.count == 100)
        #expect(lineages.allSatisfy { Lineage($0.rawValue) == $0 })
    }

    @Test(arguments: ["AA:BB:CC:DD:EE:01", "aabbccddee01", "aa-bb-cc-dd-ee-01", "AABB-CCDD:EE01", "::aabbccddee01"])
    func beaconsHaveOneSpelling(_ text: String) {
        #expect(BeaconAddress(text)?.rawValue == "AA:BB:CC:DD:EE:01")
    }

    @Test(arguments: [
        "", ":", "AA:BB:CC:DD:EE", "AA:BB:CC:DD:EE:0", "AA:BB:CC:DD:EE:011", "AA:BB:CC:DD:EE:0G", "AA BB CC DD EE 01",
        "ＡABBCCDDEE01",
    ])
    func otherTextIsNoBeacon(_ text: String) {
        #expect(BeaconAddress(text) == nil)
    }

    @Test(arguments: [("1", 1), ("9223372036854775807", Int64.max)] as [(String, Int64)])
    func idsAreReadFromPlainDigits(text: String, value: Int64) {
        #expect(FacultyID(digits: text)?.rawValue == value)
    }

    @Test(arguments: ["", "0", "01", "-1", "+1", "1.0", " 1", "1 ", "9223372036854775808", "１", "1_0"])
    func otherTextIsNoID(_ text: String) {
        #expect(FacultyID(digits: text) == nil)
    }

    @Test(arguments: ["a", "desk-1", "-", "0", "abcdefghijklmnopqrstuvwxyz-01234"])
    func unitsHaveASmallAlphabet(_ text: String) {
        #expect(UnitID(text)?.rawValue == text)
    }

    @Test(arguments: ["", "Desk", "desk_1", "desk/1", "é", "abcdefghijklmnopqrstuvwxyz-012345"])
    func otherTextIsNoUnit(_ text: String) {
        #expect(UnitID(text) == nil)
    }

    @Test func linksCountFromTheLastWord() {
        let heardAt = Timestamp(milliseconds: 1_000_000)
        let link = UnitLink(heardAt: heardAt)
        #expect(link.isLive(at: heardAt))
        #expect(link.isLive(at: heardAt + Span(milliseconds: 89_999)))
        #expect(!link.isLive(at: heardAt + .seconds(90)))
        #expect(!UnitLink().isLive(at: heardAt))
        #expect(!UnitLink(heardAt: heardAt, offlineSince: heardAt).isLive(at: heardAt))
    }

    @Test(arguments: [
        ("Prof. Juan Dela Cruz", "Dela Cruz", "Prof. Juan"), ("Prof. Juan Dela Cruz", nil, "Prof. Juan Dela"),
        ("Plato", nil, ""),
    ])
    func theSurnameStandsApart(name: String, surname: String?, given: String) {
        #expect(FacultyProfile(name: name, surname: surname, department: "CS").givenName == given)
    }

    /// An outside writer's row may hold any number, which must not crash the process.
    @Test func timeEndsRatherThanOverflows() {
        let late = Timestamp(milliseconds: 1_000)
        #expect(late + Span(milliseconds: .max) == Timestamp(milliseconds: .max))
        #expect(Timestamp(milliseconds: -1_000) - Span(milliseconds: .max) == Timestamp(milliseconds: .min))
        #expect(late - Timestamp(milliseconds: .min) == Span(milliseconds: .max))
        #expect(Span(milliseconds: .min) * 2 == Span(milliseconds: .min))
        #expect(Span(milliseconds: .min).magnitude == Span(milliseconds: .max))
    }
}
