// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import HashTreeCollections
import Randomness
import TestSupport
import Testing

@testable import Service
@testable import Store

@Suite("The board: order, steps and frames")
struct BoardHistoryTests {
    /// After changes of any kind and size, the order that is kept from revision to revision equals a fresh sort.
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func theOrderIsThatOfASortFromScratch(_ seed: UInt64) throws {
        var office = Office(seed: seed)
        for _ in 0..<60 {
            let snapshot = try office.publish(atMost: 80).snapshot
            let sorted = snapshot.cards.values.sorted { ($0.sortKey, $0.id) < ($1.sortKey, $1.id) }
            #expect(snapshot.cards(of: nil).map(\.id) == sorted.map(\.id), "seed \(seed)")
            #expect(snapshot.order.departments == Set(sorted.map(\.profile.department)).sorted(), "seed \(seed)")
            for department in Office.departments {
                let scope = sorted.filter { $0.profile.department == department }
                #expect(snapshot.cards(of: department).map(\.id) == scope.map(\.id), "seed \(seed)")
                #expect(snapshot.order.has(department) == !scope.isEmpty, "seed \(seed)")
            }
        }
    }

    /// A reader that resumes from any revision, published or not, ends with the board of its scope.
    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func aFrameMakesAnOldScopeThePresentOne(_ seed: UInt64) throws {
        var office = Office(seed: seed)
        var past = [try office.publish(atMost: 300)]
        for _ in 0..<60 { past.append(try office.publish(atMost: 12)) }
        let present = try #require(past.last)
        for old in past {
            for department in [nil] + Office.departments + ["Nobody's"] {
                let expected = Set(present.snapshot.cards(of: department).map(\.id.rawValue))
                for gap in [0, 1] as [Int64] {
                    let after = Revision(old.snapshot.revision.number - gap)
                    guard let frame = present.changeFrame(of: department, after: after) else {
                        #expect(ids(old, department) == ids(present, department), "seed \(seed), \(after)")
                        continue
                    }
                    let body = try Body(frame)
                    var shown = frame.kind == .snapshot ? [:] : cards(old, department)
                    for card in body.cards { shown[card.id] = card }
                    // A stream of one department carries no card of another.
                    if let department { #expect(body.cards.allSatisfy { $0.department == department }) }
                    for id in body.removed { shown[id] = nil }
                    #expect(Set(shown.keys) == expected, "seed \(seed), \(after) of \(department ?? "all")")
                    #expect(shown == cards(present, department), "seed \(seed), \(after) of \(department ?? "all")")
                }
            }
        }
    }

    @Test func aChangeOfMostOfTheScopeIsTheScopeItself() throws {
        var office = Office(seed: 21)
        let first = try office.add(400, department: "Law")
        _ = try office.add(100, department: "Physics")
        let all = try office.touchAll()
        let whole = try #require(all.changeFrame(of: nil, after: first.snapshot.revision))
        #expect(whole.kind == .snapshot)
        // A new reader gets the same frame: nothing is encoded twice.
        let base = whole.json.withUnsafeBufferPointer(\.baseAddress)
        #expect(all.snapshotFrame(of: nil).json.withUnsafeBufferPointer(\.baseAddress) == base)
        let law = try #require(all.changeFrame(of: "Law", after: first.snapshot.revision))
        #expect(law.kind == .snapshot)
        #expect(try Body(law).cards.count == 400)
    }

    @Test func aDepartmentsFrameNamesOnlyPeopleWhoWereEverInIt() throws {
        var office = Office(seed: 22)
        let old = try office.add(20, department: "Law")
        let present = try office.add(5000, department: "Physics")
        #expect(present.changeFrame(of: "Law", after: old.snapshot.revision) == nil)
        var last = present
        for _ in 0...BoardHistory.largestCount { last = try office.touch(30) }
        // The revision is older than the remembered history.
        let frame = try #require(last.changeFrame(of: "Law", after: old.snapshot.revision))
        #expect(frame.kind == .snapshot)
        #expect(try Body(frame).removed.isEmpty)
    }

    @Test(arguments: [
        (1, 1), (15, 15), (16, 16), (17, 18), (31, 32), (33, 36), (100, 104), (1000, 1024), (4095, 4096),
    ])
    func revisionsAreRoundedToFewPlaces(_ count: Int, _ rounded: Int) {
        #expect(BoardHistory.rounded(count) == rounded)
    }

    @Test func thereAreFewPlacesWhateverIsAskedFor() {
        let places = Set((1...BoardHistory.largestCount).map(BoardHistory.rounded))
        #expect(places.count < 100)
    }

    private func ids(_ history: BoardHistory, _ department: String?) -> Set<FacultyID> {
        Set(history.snapshot.cards(of: department).map(\.id))
    }

    private func cards(_ history: BoardHistory, _ department: String?) -> [Int64: Body.Element] {
        let elements = history.snapshot.cards(of: department).compactMap {
            try? JSONDecoder().decode(Body.Element.self, from: Data($0.json))
        }
        return Dictionary(elements.map { ($0.id, $0) }) { first, _ in first }
    }
}

/// A frame as a screen reads it.
private struct Body: Decodable {
    struct Element: Decodable, Hashable {
        let id: Int64
        let name: String
        let department: String
        let waiting: Int64
    }

    let cards: [Element]
    let removed: [Int64]

    init(_ frame: BoardFrame) throws {
        self = try JSONDecoder().decode(Body.self, from: Data(frame.json))
    }
}

/// A board whose people come, go, move and change their names as a seed decides. It skips every second revision.
private struct Office {
    static let departments = ["Law", "Physics", "Letters & Arts", "Music"]
    private static let surnames = ["Ñíguez", "Nunez", "De Leon", "Dela Cruz", "Cruz", "cruz", "O'Neil", "Zara"]

    private var generator: SeededGenerator
    private var history: BoardHistory
    private var lastID: Int64 = 0
    private let lineage: Lineage

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        lineage = Lineage(using: &generator)
        history = BoardHistory(BoardSnapshot(lineage: lineage))
    }

    mutating func publish(atMost most: Int) throws -> BoardHistory {
        var cards: [CardRepository.Stored] = []
        var removed: Set<FacultyID> = []
        let known = history.snapshot.cards.keys.sorted()
        for _ in 0..<Int.random(in: 1...most, using: &generator) {
            let id = Int.random(in: 0..<3, using: &generator) == 0 ? nil : known.randomElement(using: &generator)
            if let id, Int.random(in: 0..<4, using: &generator) == 0 {
                removed.insert(id)
            } else {
                cards.append(try card(id, Self.departments.randomElement(using: &generator) ?? "Law"))
            }
        }
        var last: [FacultyID: CardRepository.Stored] = [:]
        for card in cards where !removed.contains(card.id) { last[card.id] = card }
        return try take(Array(last.values), removed: removed)
    }

    mutating func add(_ count: Int, department: String) throws -> BoardHistory {
        try take((0..<count).map { _ in try card(nil, department) }, removed: [])
    }

    /// Changes one person, but neither a name nor a department.
    mutating func touch(_ number: Int64) throws -> BoardHistory {
        let id = try #require(FacultyID(number))
        return try take([try card(id, history.snapshot.cards[id]?.profile.department ?? "Law")], removed: [])
    }

    mutating func touchAll() throws -> BoardHistory {
        let people = history.snapshot.cards.values.map { ($0.id, $0.profile.department) }
        return try take(try people.map { try card($0, $1) }, removed: [])
    }

    private mutating func card(_ id: FacultyID?, _ department: String) throws -> CardRepository.Stored {
        if id == nil { lastID += 1 }
        let id = try #require(id ?? FacultyID(lastID))
        let surname = Self.surnames.randomElement(using: &generator) ?? "Cruz"
        let profile = FacultyProfile(name: "Dr. Person \(surname)", surname: surname, department: department)
        return CardRepository.Stored(
            id: id, profile: profile.publicPart, version: 1,
            availability: Availability(state: .unknown, source: .unit, since: nil), alwaysAvailable: false,
            waiting: Int64.random(in: 0..<1000, using: &generator), revision: next)
    }

    private var next: Revision { Revision(history.snapshot.revision.number + 2) }

    private mutating func take(
        _ cards: [CardRepository.Stored], removed: Set<FacultyID>
    ) throws -> BoardHistory {
        let next = next
        let changes = CardRepository.Changes(
            lineage: lineage, revision: next, cards: cards,
            removed: Dictionary(removed.map { ($0, next) }) { first, _ in first }, isIncomplete: false, isForeign: false
        )
        let (snapshot, touched) = history.snapshot.applying(changes)
        history = history.publishing(snapshot, touched: touched)
        return history
    }
}
