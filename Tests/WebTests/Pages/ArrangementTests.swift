// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@testable import Web

@Suite("Order and place of cards")
struct ArrangementTests {
    static func people(_ count: Int64) throws -> [Card] {
        try (1...count).map { number in
            let state = AvailabilityState.allCases[Int(number) % 6]
            return try card(
                number, "Dr. N\(number) Person\(100 + number)", Availability(state: state, source: .ownWord, since: nil)
            )
        }
    }

    @Test(arguments: [
        (9, BoardLayout.kiosk, TextSize.normal, 1, 9), (27, .kiosk, .normal, 3, 9), (45, .kiosk, .normal, 5, 9),
        (46, .kiosk, .normal, 3, 20), (46, .kiosk, .large, 8, 6), (27, .kiosk, .larger, 7, 4),
        (27, .kiosk, .largest, 1, 27), (200, .public, .normal, 2, 100), (27, .hall, .normal, 2, 14),
    ])
    func pagesOfAScreen(_ count: Int64, _ layout: BoardLayout, _ size: TextSize, _ pages: Int, _ first: Int) throws {
        var query = BoardQuery()
        query.textSize = size
        let arrangement = Arrangement(cards: try Self.people(count), layout: layout, query: query)
        #expect(arrangement.pages.count == pages)
        #expect(arrangement.pages[0].count == first)
    }

    @Test func aPageBehindTheLastIsTheLast() throws {
        let arrangement = Arrangement(cards: try Self.people(27), layout: .kiosk, query: BoardQuery("page=99"))
        #expect(arrangement.page == 3)
        #expect(arrangement.shown.map(\.id.rawValue) == Array(19...27))
    }

    @Test func countsAreOfTheScopeWhateverIsSearched() throws {
        let arrangement = Arrangement(
            cards: try Self.people(12), layout: .kiosk, query: BoardQuery("q=person101&show=available"))
        #expect((arrangement.everyone, arrangement.counts.here, arrangement.counts.available) == (12, 6, 2))
        #expect(arrangement.shown.isEmpty)
    }

    @Test(arguments: ["niguez", "ÑÍGUEZ", "b-204 thes", "begona niguez"])
    func caseAccentsAndOrderOfWordsDoNotCountInASearch(_ text: String) throws {
        let cards = [
            try card(1, "Prof. Begoña Ñíguez", room: "B-204", subjects: "Thesis"), try card(2, "Dr. Ana Cruz"),
        ]
        var query = BoardQuery()
        query.text = text
        #expect(Arrangement(cards: cards, layout: .kiosk, query: query).shown.map(\.id.rawValue) == [1])
    }

    @Test func aHallShowsWhoCanBeSeenFirst() throws {
        let states = Arrangement(cards: try Self.people(12), layout: .hall, query: BoardQuery()).shown
            .map(\.availability.state)
        #expect(states.first == .available)
        #expect(states == AvailabilityState.hallOrder.flatMap { [$0, $0] })
    }
}

extension Arrangement {
    fileprivate init(cards: [Card], layout: BoardLayout, query: BoardQuery) {
        self.init(cards: cards, counts: ScopeCounts(cards), layout: layout, query: query)
    }
}
