// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Service

/// What the page's script starts from: the reader's choices, the language's words and the cards of the scope, all of
/// the page's own revision. It travels as a JSON block that no browser executes.
struct ScriptData {
    let json: String

    /// Cards above this number stay on the server: search and pages then go there, and only what is drawn is patched.
    static let mostCards = 600

    /// - Parameters:
    ///   - page: `board` or `person`.
    ///   - drawn: the cards that stand on the page.
    init(
        page: String, drawn: [Card], layout: BoardLayout, query: BoardQuery, words: Words, content: BoardContent,
        moment: PageMoment, settings: PageSettings, place: String?
    ) {
        let form = BoardForm(layout: layout, textSize: query.textSize, everyone: content.cards.count)
        let isWhole = page == "board" && content.cards.count <= Self.mostCards
        let head = Head(
            page: page, layout: layout.rawValue, path: layout.path, revision: content.tag.description,
            now: moment.now.milliseconds, speed: moment.speed,
            staleAt: moment.staleAt?.milliseconds, zone: settings.zone.identifier,
            zoneOffset: settings.zone.offset(moment.now).milliseconds,
            sprite: AssetLinks.current.sprite, form: form.shape.rawValue, pageSize: form.pageSize,
            cardRoom: form.cardRoom, kioskRest: settings.kioskRest, whole: isWhole,
            department: query.department, place: place, show: query.show.rawValue, text: query.text,
            pageNumber: query.page, language: query.language?.rawValue, size: query.textSize.rawValue,
            words: words.texts)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A `Head` is strings and numbers, which always encode; an empty object would leave the page without its
        // script.
        let headJSON = (try? encoder.encode(head)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        let cards = (isWhole ? content.cards : drawn).map { String(decoding: $0.json, as: UTF8.self) }
        // In JSON a `<` stands only inside strings, where its escape means the same and can't end the block.
        json = "{\"head\":\(headJSON),\"cards\":[\(cards.joined(separator: ","))]}"
            .replacing("<", with: "\\u003C")
    }

    private struct Head: Encodable {
        let page: String
        let layout: String
        let path: String
        let revision: String
        let now: Int64
        let speed: Double
        let staleAt: Int64?
        let zone: String
        /// For a browser that doesn't know the zone: local time minus UTC as the page is drawn.
        let zoneOffset: Int64
        let sprite: String
        let form: String
        let pageSize: Int
        let cardRoom: Int
        let kioskRest: Int
        let whole: Bool
        let department: String?
        let place: String?
        let show: String
        let text: String
        let pageNumber: Int
        let language: String?
        let size: Int
        let words: [String: String]
    }
}
