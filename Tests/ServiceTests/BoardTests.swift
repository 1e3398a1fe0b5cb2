// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import HashTreeCollections
import SQL
import Store
import Synchronization
import TestSupport
import Testing

@testable import Service

@Suite("The board: committed facts, in order, at once")
struct BoardTests {
    /// Promise 3.
    @Test func aReadThatAsksForARevisionSeesItOrNothing() async throws {
        try await withService { fixture in
            for round in 0..<20 {
                let word: OverrideWord = round % 2 == 0 ? .busy : .out
                let revision = try await fixture.commands.statuses.setOverride(word, until: nil, for: .number(1))
                let snapshot = await fixture.board.snapshot(atLeast: revision, within: .seconds(20))
                #expect(snapshot.map { $0.revision >= revision } == true)
                #expect(snapshot?.cards[.number(1)]?.availability.state == word.availability)
            }
            let future = Revision(fixture.board.snapshot.revision.number + 1)
            #expect(await fixture.board.snapshot(atLeast: future, within: .milliseconds(20)) == nil)
        }
    }

    /// Promise 4: a row that another process changes reaches every screen within half a second.
    @Test func theSqlite3ShellsChangeReachesASubscriber() async throws {
        try await withService { fixture in
            let file = try #require(fixture.file)
            let tag = fixture.board.snapshot.tag
            let (subscription, wakes) = fixture.board.follow(after: tag)
            defer { subscription.cancel() }
            _ = try await outsider("INSERT INTO override (faculty_id, word, set_at) VALUES (2, 'out', 1)", on: file)
            for await _ in wakes {
                guard let frame = subscription.nextFrame() else { continue }
                #expect(frame.kind == .change)
                let text = String(decoding: frame.json, as: UTF8.self)
                #expect(text.contains(#""availability":"out""#))
                #expect(text.contains(#""id":2"#))
                break
            }
        }
    }

    @Test func aSlowSubscriberGetsTheNewestStateInOneFrame() async throws {
        try await withService { fixture in
            let subscription = fixture.board.subscribe(department: nil, after: fixture.board.snapshot.tag) {}
            defer { subscription.cancel() }
            for _ in 0..<50 {
                for word in [OverrideWord.busy, .out] {
                    _ = try await fixture.commands.statuses.setOverride(word, until: nil, for: .number(1))
                }
            }
            let last = try await fixture.commands.statuses.setOverride(.away, until: nil, for: .number(3))
            _ = await fixture.board.snapshot(atLeast: last, within: .seconds(20))
            let frame = try #require(subscription.nextFrame())
            #expect(frame.tag.revision >= last)
            let ids = try cards(in: frame).map(\.id)
            #expect(ids == [1, 3])
            #expect(subscription.nextFrame() == nil)
        }
    }

    @Test func subscribersThatNeedTheSameShareOneFrame() async throws {
        try await withService { fixture in
            let tag = fixture.board.snapshot.tag
            let both = [0, 1].map { _ in fixture.board.subscribe(department: nil, after: tag) {} }
            let revision = try await fixture.commands.statuses.setOverride(.busy, until: nil, for: .number(1))
            _ = await fixture.board.snapshot(atLeast: revision, within: .seconds(20))
            let bases = both.map { $0.nextFrame()?.json.withUnsafeBufferPointer(\.baseAddress) }
            #expect(bases[0] != nil)
            #expect(bases[0] == bases[1], "the bytes were made twice")
            both.forEach { $0.cancel() }
        }
    }

    @Test func aNumberOfAnotherPastIsAnsweredWithAFreshStart() async throws {
        try await withService { fixture in
            let foreign = try #require(Lineage("anotherpast1"))
            let subscription = fixture.board.subscribe(
                department: nil, after: RevisionTag(lineage: foreign, revision: .none)
            ) {}
            defer { subscription.cancel() }
            #expect(subscription.nextFrame()?.kind == .reset)
            #expect(subscription.nextFrame()?.kind == .snapshot)
            #expect(subscription.nextFrame() == nil)
        }
    }

    /// Another instance may have shown a revision that this board doesn't have yet; one that is missing after two beats
    /// never existed.
    @Test func aNumberOfTheFutureIsWaitedForAndThenAnsweredWithAFreshStart() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            try await fixture.store.write { transaction in
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. A", department: "Physics"), id: .number(1), beacon: nil)
            }
            let board = try await Board(store: fixture.store, logger: quietLogger)
            let present = board.snapshot.tag
            let next = RevisionTag(lineage: present.lineage, revision: Revision(present.revision.number + 1))
            let subscription = board.subscribe(department: nil, after: next) {}
            defer { subscription.cancel() }
            #expect(subscription.nextFrame() == nil)
            board.beat()
            #expect(subscription.nextFrame() == nil)
            board.beat()
            #expect(subscription.nextFrame()?.kind == .reset)
            #expect(subscription.nextFrame()?.kind == .snapshot)
        }
    }

    /// Promise 9: a board that the database doesn't confirm is not called live. Without beats every screen says so.
    @Test func noBeatGoesOutWhileTheDatabaseIsOutOfReach() async throws {
        try await withService { fixture in
            let subscription = fixture.board.subscribe(department: nil, after: fixture.board.snapshot.tag) {}
            defer { subscription.cancel() }
            try await eventually("a beat") { subscription.takeBeat() != nil }
            fixture.faults.failReads(true)
            try await eventually("the board is in doubt") { fixture.board.failingSince != nil }
            _ = subscription.takeBeat()
            try await eventually("the keeper comes round again") { !fixture.board.isConfirmed(within: .seconds(6)) }
            #expect(subscription.takeBeat() == nil)
            fixture.faults.failReads(false)
            try await eventually("the board is believed again") { fixture.board.failingSince == nil }
            try await eventually("a beat") { subscription.takeBeat() != nil }
        }
    }

    @Test func aScopedStreamCarriesItsDepartmentAlone() async throws {
        try await withService { fixture in
            let law = fixture.board.subscribe(department: "Law", after: nil) {}
            let snapshot = try #require(law.nextFrame())
            #expect(try cards(in: snapshot).map(\.id) == [1, 3])
            let physics = try await fixture.commands.statuses.setOverride(.busy, until: nil, for: .number(2))
            _ = await fixture.board.snapshot(atLeast: physics, within: .seconds(20))
            #expect(law.nextFrame() == nil)
            let moved = try await fixture.store.write { transaction in
                try transaction.connection.execute("UPDATE faculty SET department = 'Physics' WHERE id = 3")
            }
            _ = await fixture.board.snapshot(atLeast: moved.revision, within: .seconds(20))
            let frame = try #require(law.nextFrame())
            #expect(try cards(in: frame).isEmpty)
            #expect(try removed(in: frame) == [3])
            law.cancel()
        }
    }

    /// No keeper runs, so no beat wakes a subscriber.
    @Test func aChangeWakesOnlyTheScreensThatItConcerns() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            try await fixture.store.write { transaction in
                for (id, department) in [(1, "Law"), (2, "Physics")] {
                    try FacultyRepository(transaction).add(
                        FacultyProfile(name: "Dr. Person \(id)", department: department),
                        id: .number(Int64(id)), beacon: nil)
                }
            }
            let board = try await Board(store: fixture.store, logger: quietLogger)
            let woken = Mutex<Set<String?>>([])
            let subscriptions = [nil, "Law", "Physics"].map { department in
                board.subscribe(department: department, after: nil) { woken.withLock { _ = $0.insert(department) } }
            }
            _ = try await commands(over: fixture.store).statuses.setOverride(.busy, until: nil, for: .number(2))
            #expect(await board.refresh())
            #expect(woken.withLock { $0 } == [nil, "Physics"])
            for subscription in subscriptions { subscription.cancel() }
            #expect(board.subscriberCount == 0)
        }
    }

    /// Resuming after many publications gives the same board as a fresh start.
    @Test func aLongAbsentSubscriberEndsWithTheSameBoard() async throws {
        try await withService(engine: .sqliteInMemory) { fixture in
            let old = fixture.board.snapshot
            let absent = fixture.board.subscribe(department: nil, after: old.tag) {}
            var last = old.revision
            for round in 0..<1100 {
                let word: OverrideWord = round % 2 == 0 ? .busy : .out
                last = try await fixture.commands.statuses.setOverride(word, until: nil, for: .number(1))
                _ = await fixture.board.snapshot(atLeast: last, within: .seconds(20))
            }
            _ = try await fixture.store.write { try FacultyRepository($0).archive(.number(2)) }
            try await eventually("archived") { fixture.board.snapshot.cards[.number(2)] == nil }
            let frame = try #require(absent.nextFrame())
            #expect(try cards(in: frame).map(\.id) == [1])
            #expect(try removed(in: frame) == [2])
            absent.cancel()
        }
    }

    /// Promises 2 and 3: every reader sees only whole, committed states, and never an older one.
    @Test func readersNeverSeeHalfATransactionOrAStepBack() async throws {
        try await withService(people: 2) { fixture in
            // Each transaction gives both people the same room, so a snapshot with two rooms shows half a transaction.
            let writer = Task {
                for number in 0..<300 {
                    _ = try await fixture.store.write { transaction in
                        for id in [1, 2] as [Int64] {
                            try transaction.connection.execute(
                                "UPDATE faculty SET room = \("R\(number)") WHERE id = \(id)")
                        }
                    }
                }
            }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var last = Revision.none
                        while fixture.board.snapshot.cards[.number(1)]?.profile.room != "R299" {
                            let snapshot = fixture.board.snapshot
                            #expect(snapshot.revision >= last)
                            last = snapshot.revision
                            let rooms = Set(snapshot.cards.values.map(\.profile.room))
                            #expect(rooms.count == 1)
                            await Task.yield()
                        }
                    }
                }
            }
            try await writer.value
        }
    }

    private struct Element: Decodable {
        let id: Int64
    }

    private struct Body: Decodable {
        let revision: String
        let cards: [Element]
        let removed: [Int64]
    }

    private func cards(in frame: BoardFrame) throws -> [Element] {
        try JSONDecoder().decode(Body.self, from: Data(frame.json)).cards.sorted { $0.id < $1.id }
    }

    private func removed(in frame: BoardFrame) throws -> [Int64] {
        try JSONDecoder().decode(Body.self, from: Data(frame.json)).removed
    }
}
