// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing

@testable import Web

@Suite("The second line of a card")
struct SecondLineTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let availability: Availability
        var waiting: Int64 = 0
        let line: String?

        var testDescription: String { "\(availability.state) \(line ?? "nothing")" }
    }

    /// The moments are 14:30 of the same day, and the beginning of Monday 30 November.
    static let afternoon = tuesdayMorning + .minutes(245) + .seconds(40)
    static let monday = Timestamp(milliseconds: 1_795_968_000_000)

    static let cases: [Case] = [
        Case(availability: .init(state: .available, source: .beacon, since: minutesAgo(9)), line: nil),
        Case(
            availability: .init(state: .available, source: .beacon, since: minutesAgo(9)), waiting: 1, line: "1 waiting"
        ),
        Case(
            availability: .init(state: .available, source: .ownWord, since: minutesAgo(9), until: afternoon),
            line: "until 14:30"),
        Case(
            availability: .init(state: .busy, source: .ownWord, since: minutesAgo(9), until: afternoon), waiting: 2,
            line: "until 14:30"),
        Case(
            availability: .init(state: .busy, source: .calendar, since: minutesAgo(9), until: afternoon),
            line: "free about 14:30"),
        Case(
            availability: .init(state: .inConsultation, source: .consultation, since: minutesAgo(9)),
            line: "nobody waiting"),
        Case(
            availability: .init(state: .inConsultation, source: .consultation, since: minutesAgo(9)), waiting: 2,
            line: "2 waiting"),
        Case(
            availability: .init(state: .away, source: .ownWord, since: minutesAgo(9), until: afternoon),
            line: "back at 14:30"),
        Case(
            availability: .init(state: .away, source: .beacon, since: minutesAgo(9), lastEvidence: minutesAgo(41)),
            line: "last seen 9:43"),
        Case(availability: .init(state: .away, source: .beacon, since: minutesAgo(32)), line: "since 9:52"),
        Case(
            availability: .init(state: .out, source: .ownWord, since: minutesAgo(9), until: monday),
            line: "until Mon 30 Nov"),
        Case(availability: .init(state: .out, source: .ownWord, since: minutesAgo(9)), line: nil),
        Case(
            availability: .init(state: .unknown, source: .unit, since: minutesAgo(32), lastKnown: .absent),
            line: "was Away at 9:52"),
        Case(
            availability: .init(state: .unknown, source: .unit, since: minutesAgo(32 + 1440), lastKnown: .present),
            line: "was here at Mon 9:52"),
        Case(
            availability: .init(state: .unknown, source: .unit, since: minutesAgo(32)), line: "unit silent since 9:52"),
        Case(availability: .init(state: .unknown, source: .unit, since: nil), line: "never heard"),
    ]

    @Test(arguments: cases)
    func firstThatIsKnown(_ example: Case) throws {
        let person = try card(1, "Dr. Teresa Bautista", example.availability, waiting: example.waiting)
        #expect(try person.secondLine(says: moments()) == example.line)
    }
}

@Suite("How a card names its source")
struct EvidenceTests {
    @Test(arguments: [
        (Availability(state: .available, source: .beacon, since: minutesAgo(90), lastEvidence: minutesAgo(4)), "live"),
        (
            Availability(state: .available, source: .beacon, since: minutesAgo(90), lastEvidence: minutesAgo(12)),
            "12 min"
        ),
        (Availability(state: .available, source: .beacon, since: minutesAgo(90)), "beacon"),
        (Availability(state: .available, source: .button, since: minutesAgo(1), lastEvidence: minutesAgo(1)), "live"),
        (Availability(state: .away, source: .beacon, since: minutesAgo(41), lastEvidence: minutesAgo(1)), "41 min"),
        (Availability(state: .busy, source: .ownWord, since: minutesAgo(3)), "own word"),
        (Availability(state: .busy, source: .calendar, since: minutesAgo(3)), "calendar"),
        (Availability(state: .inConsultation, source: .consultation, since: minutesAgo(130)), "2 h"),
        (Availability(state: .unknown, source: .unit, since: minutesAgo(3 * 1440)), "3 days"),
        (Availability(state: .unknown, source: .unit, since: nil), "unit"),
    ])
    func textBesideTheIcon(_ availability: Availability, _ text: String) throws {
        #expect(Evidence(availability, says: try moments()).text == text)
    }

    @Test func accessibleNameSpellsItOut() throws {
        let availability = Availability(
            state: .away, source: .beacon, since: minutesAgo(41), until: SecondLineTests.afternoon)
        let person = try card(3, "Dr. Teresa Bautista", availability, room: "118")
        let form = BoardForm(layout: .kiosk, textSize: .normal, everyone: 9)
        let view = CardView(person, form: form, href: "/faculty/3", sharesSurname: false, says: try moments())
        #expect(
            view.label
                == "Dr. Teresa Bautista, Away, back about 14:30, room 118. Beacon, 41 minutes ago.")
    }
}
