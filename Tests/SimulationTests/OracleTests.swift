// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Simulation

@Suite("The oracle")
struct OracleTests {
    private static let roster = LoadRoster.standard(unitCount: 3, consultationsEach: 2)

    private func at(_ life: Int, _ step: Int) -> Utterance.Place { Utterance.Place(life: life, step: step) }

    @Test func whoNeverSpokeIsUnknown() {
        let oracle = Oracle(Self.roster)
        #expect(oracle.expectation(for: 1) == .unknown)
        #expect(oracle.status(ofConsultation: 1) == "pending")
    }

    @Test(arguments: [
        (Utterance.Word.present, ExpectedState.live(isPresent: true)), (.absent, .live(isPresent: false)),
        (.answer(consultation: 1, .busy), .live(isPresent: true)), (.gone, .unknown),
    ])
    func theLastWordDecides(word: Utterance.Word, expectation: ExpectedState) {
        var oracle = Oracle(Self.roster)
        oracle.hear(Utterance(faculty: 1, place: at(1, 3), word: word))
        oracle.hear(Utterance(faculty: 1, place: at(0, 9), word: .absent))
        oracle.hear(Utterance(faculty: 1, place: at(1, 2), word: .present))
        oracle.hear(Utterance(faculty: 2, place: at(5, 5), word: .absent))
        #expect(oracle.expectation(for: 1) == expectation)
    }

    @Test func theFirstAnswerStandsAndARefusedPressProvesNothing() {
        var oracle = Oracle(Self.roster)
        oracle.hear(Utterance(faculty: 1, place: at(0, 4), word: .answer(consultation: 1, .accepted)))
        oracle.hear(Utterance(faculty: 1, place: at(0, 3), word: .absent))
        oracle.hear(Utterance(faculty: 1, place: at(0, 2), word: .answer(consultation: 1, .busy)))
        #expect(oracle.status(ofConsultation: 1) == "busy")
        #expect(oracle.expectation(for: 1) == .live(isPresent: false))
    }

    @Test func somebodyElsesConsultationTakesNoAnswer() {
        var oracle = Oracle(Self.roster)
        oracle.hear(Utterance(faculty: 2, place: at(0, 1), word: .answer(consultation: 1, .accepted)))
        #expect(oracle.status(ofConsultation: 1) == "pending")
        #expect(oracle.expectation(for: 2) == .unknown)
    }

    @Test func orderAndRepetitionOfHearingDontMatter() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let history = (0..<60).map { step in utterance(step, using: &random) }
            var (straight, shuffled) = (Oracle(Self.roster), Oracle(Self.roster))
            for utterance in history { straight.hear(utterance) }
            for utterance in (history + history).shuffled(using: &random) { shuffled.hear(utterance) }
            #expect(straight == shuffled, "seed \(seed)")
            for unit in Self.roster.units {
                #expect(
                    straight.expectation(for: unit.faculty) == shuffled.expectation(for: unit.faculty), "seed \(seed)")
            }
        }
    }

    private func utterance(_ step: Int, using random: inout SeededRandom) -> Utterance {
        let words: [Utterance.Word] = [
            .present, .absent, .gone, .answer(consultation: .random(in: 1...6, using: &random), .accepted),
            .answer(consultation: .random(in: 1...6, using: &random), .busy),
        ]
        return Utterance(
            faculty: .random(in: 1...3, using: &random),
            place: at(step / 20, step), word: words.randomElement(using: &random) ?? .gone)
    }

    @Test func everyKindOfDifferenceIsNamed() {
        var oracle = Oracle(Self.roster)
        oracle.hear(Utterance(faculty: 1, place: at(0, 1), word: .answer(consultation: 1, .accepted)))
        oracle.hear(Utterance(faculty: 2, place: at(0, 1), word: .absent))
        var state = EndState(
            faculty: [
                1: .init(
                    availability: "available", presence: .init(state: "present", isVerified: true), isAvailable: true),
                2: .init(availability: "away", presence: .init(state: "absent", isVerified: true), isAvailable: false),
                3: .init(
                    availability: "unknown", presence: .init(state: "present", isVerified: false), isAvailable: false),
            ], consultations: [1: "accepted", 2: "pending", 3: "pending", 4: "pending", 5: "pending", 6: "pending"])
        #expect(oracle.differences(in: state, at: "here", of: Self.roster).isEmpty)
        let good = state
        state.faculty[1]?.availability = "unknown"
        state.faculty[2]?.presence?.state = "present"
        state.faculty[2]?.presence?.isVerified = false
        state.faculty[3]?.isAvailable = true
        state.consultations?[1] = "pending"
        state.consultations?[6] = nil
        #expect(
            oracle.differences(in: state, at: "here", of: Self.roster).map(\.description) == [
                "here: faculty 1: expected available, found unknown",
                "here: faculty 2: expected presence absent, found presence present",
                "here: faculty 2: expected a verified presence, found an unverified one",
                "here: faculty 3: expected status false, found status true",
                "here: consultation 1: expected accepted, found pending",
                "here: consultation 6: expected pending, found nothing",
            ])
        state = good
        state.faculty[3] = nil
        #expect(oracle.differences(in: state, at: "here", of: Self.roster).map(\.found) == ["nothing"])
    }
}
