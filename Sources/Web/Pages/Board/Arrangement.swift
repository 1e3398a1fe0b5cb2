// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Service

/// The people of each page, and the counts beside the filters: a pure function of cards and query.
struct Arrangement {
    let everyone: Int
    let counts: ScopeCounts
    let form: BoardForm
    /// Never empty: one empty page if no person matches.
    let pages: [ArraySlice<Card>]
    /// From 1, within `pages`.
    let page: Int

    /// - Parameters:
    ///   - cards: all people in the scope, in the order of a touch board.
    ///   - counts: of these cards.
    init(cards: [Card], counts: ScopeCounts, layout: BoardLayout, query: BoardQuery) {
        everyone = cards.count
        self.counts = counts
        form = BoardForm(layout: layout, textSize: query.textSize, everyone: cards.count)

        var shown = query.show == .everyone ? cards : cards.filter { query.show.includes($0.availability.state) }
        if !query.text.isEmpty {
            let needles = Self.folded(query.text).split(separator: " ")
            shown = shown.filter { card in
                let hay = Self.folded(card.searchable)
                return needles.allSatisfy { hay.contains($0) }
            }
        }
        if layout == .hall { shown = Self.hallOrder(shown) }
        let size = form.pageSize
        let chunks = stride(from: 0, to: shown.count, by: size).map { shown[$0..<min($0 + size, shown.count)] }
        pages = chunks.isEmpty ? [[]] : chunks
        page = min(query.page, pages.count)
    }

    var shown: [Card] { Array(pages[page - 1]) }

    /// Case and accents don't count in a search.
    static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
    }

    /// Available first, then surname, as the cards already stand.
    private static func hallOrder(_ cards: [Card]) -> [Card] {
        AvailabilityState.hallOrder.flatMap { state in cards.filter { $0.availability.state == state } }
    }
}

extension AvailabilityState {
    /// The order of a hall display.
    static let hallOrder: [AvailabilityState] = [.available, .inConsultation, .busy, .away, .out, .unknown]
}

extension BoardQuery.Show {
    func includes(_ state: AvailabilityState) -> Bool {
        switch self {
        case .everyone: true
        case .here: state.isHere
        case .available: state == .available
        }
    }
}

extension Card {
    /// What a search looks in.
    var searchable: String {
        [profile.name, profile.room, profile.subjects].compactMap { $0 }.joined(separator: " ")
    }
}
