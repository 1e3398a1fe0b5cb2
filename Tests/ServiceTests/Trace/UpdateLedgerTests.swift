// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Randomness
import TestSupport
import Testing

@testable import Service

@Suite("The screens that still need an update")
struct UpdateLedgerTests {
    private typealias Ledger = UpdateLedger<String>

    private func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    private func writing(_ milliseconds: Int64) -> Ledger.Writing {
        .init(at: time(milliseconds), traced: (UInt64(milliseconds), UInt64(milliseconds) + 1))
    }

    private func shown(_ effects: [Ledger.Effect]) -> [Int64] {
        effects.compactMap { if case .shown(let after) = $0 { after.milliseconds } else { nil } }
    }

    private func written(_ effects: [Ledger.Effect]) -> [Int64] {
        effects.compactMap { if case .written(let after) = $0 { after.milliseconds } else { nil } }
    }

    private func frames(_ effects: [Ledger.Effect]) -> [[String]] {
        effects.compactMap { if case .frame(_, _, let contexts) = $0 { contexts } else { nil } }
    }

    @Test func aRevisionIsShownWhenTheLastStreamHasWrittenIt() {
        var ledger = Ledger(limit: 8)
        let (first, second) = (ledger.join(), ledger.join())
        #expect(ledger.committed(Revision(5), arrivedAt: time(100), context: "c").isEmpty)
        let early = ledger.told(first, upTo: Revision(5), by: writing(110))
        #expect(written(early) == [10] && shown(early).isEmpty)
        let late = ledger.told(second, upTo: Revision(6), by: writing(150))
        #expect(written(late) == [50] && shown(late) == [50])
        #expect(ledger.underWay == 0)
    }

    @Test func aStreamWithNothingToWriteHoldsNothingUpAndAddsNothing() {
        var ledger = Ledger(limit: 8)
        let (first, second) = (ledger.join(), ledger.join())
        _ = ledger.committed(Revision(1), arrivedAt: time(0), context: nil)
        _ = ledger.told(first, upTo: Revision(1), by: writing(10))
        let effects = ledger.told(second, upTo: Revision(1), by: nil)
        #expect(written(effects).isEmpty && shown(effects) == [10])
        _ = ledger.committed(Revision(2), arrivedAt: time(20), context: nil)
        for key in [first, second] { #expect(ledger.told(key, upTo: Revision(2), by: nil).isEmpty) }
        #expect(ledger.underWay == 0)
    }

    @Test func aFrameMaySkipRevisionsAndShowsThemAll() {
        var ledger = Ledger(limit: 8)
        let key = ledger.join()
        for number in 1...3 {
            _ = ledger.committed(Revision(Int64(number)), arrivedAt: time(Int64(number)), context: "\(number)")
        }
        let effects = ledger.told(key, upTo: Revision(3), by: writing(10))
        #expect(written(effects) == [9, 8, 7] && shown(effects) == [9, 8, 7])
        #expect(frames(effects) == [["1", "2", "3"]])
    }

    @Test func aClosedStreamIsNotWaitedFor() {
        var ledger = Ledger(limit: 8)
        let (first, second) = (ledger.join(), ledger.join())
        _ = ledger.committed(Revision(1), arrivedAt: time(0), context: nil)
        _ = ledger.told(first, upTo: Revision(1), by: writing(7))
        #expect(shown(ledger.leave(second)) == [7])
        #expect(ledger.leave(second).isEmpty)
        #expect(ledger.followerCount == 1)
    }

    @Test func aLaterStreamHoldsNoEarlierRevisionUp() {
        var ledger = Ledger(limit: 8)
        let first = ledger.join()
        _ = ledger.committed(Revision(1), arrivedAt: time(0), context: nil)
        _ = ledger.join()
        #expect(shown(ledger.told(first, upTo: Revision(1), by: writing(3))) == [3])
    }

    /// The board may be faster than the note of the commit.
    @Test func aFrameThatCameBeforeTheNoteCountsAllTheSame() {
        var ledger = Ledger(limit: 8)
        let (first, second) = (ledger.join(), ledger.join())
        #expect(ledger.told(first, upTo: Revision(4), by: writing(12)).isEmpty)
        let noted = ledger.committed(Revision(4), arrivedAt: time(10), context: "c")
        #expect(written(noted) == [2] && shown(noted).isEmpty && frames(noted) == [["c"]])
        #expect(shown(ledger.told(second, upTo: Revision(4), by: writing(20))) == [10])
    }

    @Test func withoutAStreamNothingIsFollowed() {
        var ledger = Ledger(limit: 8)
        #expect(ledger.committed(Revision(1), arrivedAt: time(0), context: "c").isEmpty)
        #expect(ledger.underWay == 0)
    }

    @Test func ofTooManyTheOldestIsGivenUp() {
        var ledger = Ledger(limit: 2)
        let key = ledger.join()
        for number in 1...3 { _ = ledger.committed(Revision(Int64(number)), arrivedAt: time(0), context: nil) }
        #expect(ledger.underWay == 2)
        #expect(written(ledger.told(key, upTo: Revision(3), by: writing(5))).count == 2)
    }

    @Test func aLowerRevisionIsAnotherPast() {
        var ledger = Ledger(limit: 8)
        let key = ledger.join()
        _ = ledger.committed(Revision(100), arrivedAt: time(0), context: nil)
        _ = ledger.committed(Revision(3), arrivedAt: time(10), context: nil)
        #expect(shown(ledger.told(key, upTo: Revision(3), by: writing(15))) == [5])
    }

    @Test func onlyAFewFramesOfOneRevisionAreSpansAndTheLastIs() {
        var ledger = Ledger(limit: 8)
        let keys = (0..<100).map { _ in ledger.join() }
        _ = ledger.committed(Revision(1), arrivedAt: time(0), context: "c")
        let spans = keys.map { frames(ledger.told($0, upTo: Revision(1), by: writing(9))).count }
        #expect(spans.reduce(0, +) == Ledger.spansPerRevision + 1)
        #expect(spans.last == 1)
    }

    /// In any order in which streams join, leave, write and skip, nothing is kept, and nothing counts as shown before
    /// the last stream has it.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func nothingIsLeftWhenAllHaveBeenTold(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = Ledger(limit: 64)
        var open: [Int: Int64] = [:]
        var revision: Int64 = 0
        var now: Int64 = 0
        for _ in 0..<2_000 {
            now += 1
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: open[ledger.join()] = revision
            case 1:
                if let key = open.keys.min() {
                    open[key] = nil
                    _ = ledger.leave(key)
                }
            case 2...4:
                revision += Int64.random(in: 1...3, using: &generator)
                _ = ledger.committed(Revision(revision), arrivedAt: time(now), context: nil)
            default:
                guard let key = open.keys.sorted().randomElement(using: &generator) else { continue }
                let effects = ledger.told(
                    key, upTo: Revision(revision), by: Bool.random(using: &generator) ? writing(now) : nil)
                #expect(
                    written(effects).allSatisfy { $0 >= 0 } && shown(effects).allSatisfy { $0 >= 0 }, "seed \(seed)")
                open[key] = revision
            }
            #expect(ledger.underWay == 0 || open.values.contains { $0 < revision }, "seed \(seed)")
        }
        for key in open.keys { _ = ledger.told(key, upTo: Revision(revision), by: nil) }
        #expect(ledger.underWay == 0, "seed \(seed)")
    }

    @Test func linesAreFewAndSayHowManyWereWithheld() {
        var budget = LineBudget(2, in: .seconds(60))
        #expect((0..<5).map { budget.take(at: time($0)) } == [0, 0, nil, nil, nil])
        #expect(budget.take(at: time(60_000)) == 3)
        #expect(budget.take(at: time(60_001)) == 0)
        // A clock that was set back opens a new window.
        #expect(budget.take(at: time(0)) == 0)
    }
}
