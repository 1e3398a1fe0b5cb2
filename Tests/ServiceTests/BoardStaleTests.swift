// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import TestSupport
import Testing

@testable import Service

/// Promise 9: what the database doesn't confirm isn't called live, to nobody.
@Suite("The board: in doubt")
struct BoardStaleTests {
    @Test func whoComesToAStaleBoardIsToldNothingOfItsBeingLive() async throws {
        try await withService(engine: .sqliteInMemory) { fixture in
            // Nobody keeps this one.
            let board = try await Board(store: fixture.store, logger: quietLogger)
            let early = board.subscribe(department: nil, after: nil)
            defer { early.cancel() }
            let confirmed = fixture.store.now
            fixture.time.advance(by: .seconds(5))
            try await eventually("the board is stale") { board.staleAt != nil }
            #expect(board.staleAt == confirmed)
            let late = board.subscribe(department: nil, after: nil)
            defer { late.cancel() }
            for subscription in [early, late] {
                #expect(subscription.nextFrame()?.kind == .snapshot)
                #expect(subscription.takeBeat() == nil)
            }
            board.confirm()
            #expect(board.staleAt == nil)
            board.beat()
            #expect(late.takeBeat() == board.snapshot.tag)
        }
    }

    @Test func oneLookServesAllWhoAskMeanwhile() {
        var looks = BoardLooks()
        let first = looks.want()
        #expect(looks.want() == first && looks.isWanted)
        #expect(looks.begin() == first)
        #expect(!looks.isWanted)
        let late = looks.want()
        #expect(late == first + 1, "a look that has begun may not show what its asker knows")
        looks.end(first)
        #expect(looks.isDone(first) && !looks.isDone(late) && looks.isWanted)
        let second = looks.begin()
        looks.fail()
        #expect(looks.isWanted && !looks.isDone(second), "nobody was answered")
        looks.end(looks.begin())
        #expect(looks.isDone(late))
    }

    @Test func aLookIsMadeForWhoeverAsksWithinTheirTime() async throws {
        try await withService(engine: .sqliteInMemory) { fixture in
            #expect(await fixture.board.hasLooked(within: .seconds(20)))
            let unkept = try await Board(store: fixture.store, logger: quietLogger)
            #expect(await unkept.hasLooked(within: .milliseconds(20)) == false)
            #expect(unkept.waiterCount == 0)
        }
    }
}
