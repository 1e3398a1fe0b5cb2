// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing

@Suite("Availability")
struct AvailabilityTests {
    static let now = Timestamp(milliseconds: 1_795_521_600_000)
    static let unit = UnitID("desk-1")

    static func presence(_ state: PresenceState, verified: Bool = true) -> Presence {
        Presence(
            state: state, since: now - .minutes(30), source: .beacon, unit: unit, evidenceAt: now - .seconds(20),
            isVerified: verified)
    }

    static let live = UnitLink(heardAt: now - .seconds(10))
    static let silent = UnitLink(heardAt: now - .seconds(90))
    static let offline = UnitLink(heardAt: now - .seconds(10), offlineSince: now - .seconds(5))
    static let meeting = TimeWindow(start: now - .minutes(5), end: now + .minutes(5))
    static let out = Override(word: .out, setAt: now - .minutes(1), until: now + .minutes(60))

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let inputs: AvailabilityInputs
        let state: AvailabilityState
        let source: EvidenceSource
        var since: Timestamp? = now - .minutes(30)
        var until: Timestamp?
        var lastKnown: PresenceState?
        var next: Timestamp?
    }

    static let cases = [
        Case(
            testDescription: "nothing known", inputs: AvailabilityInputs(), state: .unknown, source: .unit, since: nil),
        Case(
            testDescription: "present", inputs: AvailabilityInputs(presence: presence(.present), link: live),
            state: .available, source: .beacon, next: now + .seconds(80)),
        Case(
            testDescription: "absent", inputs: AvailabilityInputs(presence: presence(.absent), link: live),
            state: .away,
            source: .beacon, next: now + .seconds(80)),
        Case(
            testDescription: "presence unknown", inputs: AvailabilityInputs(presence: presence(.unknown), link: live),
            state: .unknown, source: .unit, since: nil, next: now + .seconds(80)),
        Case(
            testDescription: "no unit", inputs: AvailabilityInputs(presence: presence(.present)), state: .unknown,
            source: .unit, since: now - .seconds(20), lastKnown: .present),
        Case(
            testDescription: "unit silent at the very moment",
            inputs: AvailabilityInputs(presence: presence(.present), link: silent),
            state: .unknown, source: .unit, since: now - .seconds(90), lastKnown: .present),
        Case(
            testDescription: "unit offline", inputs: AvailabilityInputs(presence: presence(.absent), link: offline),
            state: .unknown, source: .unit, since: now - .seconds(5), lastKnown: .absent),
        Case(
            testDescription: "unit never heard",
            inputs: AvailabilityInputs(presence: presence(.present), link: UnitLink()), state: .unknown, source: .unit,
            since: now - .seconds(20), lastKnown: .present),
        Case(
            testDescription: "unverified",
            inputs: AvailabilityInputs(presence: presence(.present, verified: false), link: live),
            state: .unknown, source: .unit, since: now - .seconds(20), lastKnown: .present, next: now + .seconds(80)),
        Case(
            testDescription: "present in a busy window",
            inputs: AvailabilityInputs(presence: presence(.present), link: live, busyWindows: [meeting]), state: .busy,
            source: .calendar, since: meeting.start, until: meeting.end, next: now + .seconds(80)),
        Case(
            testDescription: "absent in a busy window",
            inputs: AvailabilityInputs(presence: presence(.absent), link: live, busyWindows: [meeting]), state: .away,
            source: .beacon, next: now + .seconds(80)),
        Case(
            testDescription: "busy window, unit silent",
            inputs: AvailabilityInputs(presence: presence(.present), link: silent, busyWindows: [meeting]),
            state: .unknown, source: .unit, since: now - .seconds(90), lastKnown: .present, next: meeting.end),
        Case(
            testDescription: "own word before what is sensed",
            inputs: AvailabilityInputs(override: out, presence: presence(.present), link: live), state: .out,
            source: .ownWord, since: out.setAt, until: out.until, next: now + .seconds(80)),
        Case(
            testDescription: "own word before a silent unit", inputs: AvailabilityInputs(override: out, link: silent),
            state: .out, source: .ownWord, since: out.setAt, until: out.until, next: out.until),
        Case(
            testDescription: "own word has ended at the very moment",
            inputs: AvailabilityInputs(
                override: Override(word: .out, setAt: now - .minutes(9), until: now), presence: presence(.present),
                link: live),
            state: .available, source: .beacon, next: now + .seconds(80)),
        Case(
            testDescription: "always available",
            inputs: AvailabilityInputs(override: Override(word: .available, setAt: now - .minutes(9), until: nil)),
            state: .available, source: .ownWord, since: now - .minutes(9)),
        Case(
            testDescription: "in consultation before own word",
            inputs: AvailabilityInputs(
                inConsultationSince: now - .minutes(3), override: out, presence: presence(.absent), link: silent,
                busyWindows: [meeting]),
            state: .inConsultation, source: .consultation, since: now - .minutes(3), next: meeting.end),
    ]

    @Test(arguments: cases)
    func isWhatTheTableSays(_ item: Case) {
        let evaluation = Availability.evaluate(item.inputs, at: Self.now)
        #expect(evaluation.availability.state == item.state)
        #expect(evaluation.availability.source == item.source)
        #expect(evaluation.availability.since == item.since)
        #expect(evaluation.availability.until == item.until)
        #expect(evaluation.availability.lastKnown == item.lastKnown)
        #expect(evaluation.nextChangeAt == item.next)
    }

    @Test(arguments: OverrideWord.allCases)
    func everyWordIsShownAsItself(_ word: OverrideWord) {
        let inputs = AvailabilityInputs(override: Override(word: word, setAt: Self.now, until: nil))
        #expect(Availability.evaluate(inputs, at: Self.now).availability.state.rawValue == word.rawValue)
    }

    /// For any inputs, the availability doesn't change before the next moment that the evaluation names.
    @Test func nothingChangesBeforeTheNextMoment() {
        for item in Self.cases {
            var moment = Self.now
            for _ in 0..<8 {
                let evaluation = Availability.evaluate(item.inputs, at: moment)
                let end = evaluation.nextChangeAt ?? moment + .minutes(600)
                let last = Availability.evaluate(item.inputs, at: Timestamp(milliseconds: end.milliseconds - 1))
                #expect(last.availability == evaluation.availability, "\(item.testDescription)")
                #expect(end > moment)
                moment = end
            }
        }
    }

    @Test(
        arguments: [
            (PresenceState.present, true, live, now - .seconds(10)), (.present, true, silent, now - .seconds(90)),
            (.present, false, live, now - .seconds(20)), (.present, true, nil, now - .seconds(20)),
            (.present, false, silent, now - .seconds(90)), (.present, true, UnitLink(), nil),
            (.absent, true, live, nil), (.unknown, true, live, nil),
        ] as [(PresenceState, Bool, UnitLink?, Timestamp?)])
    func lastEvidenceIsThatOfPresence(state: PresenceState, isVerified: Bool, link: UnitLink?, evidence: Timestamp?) {
        let inputs = AvailabilityInputs(presence: Self.presence(state, verified: isVerified), link: link)
        #expect(Availability.evaluate(inputs, at: Self.now).availability.lastEvidence == evidence)
    }

    @Test func hereIsWhereThePersonCanBeFound() {
        #expect(AvailabilityState.allCases.filter(\.isHere) == [.available, .busy, .inConsultation])
    }
}
