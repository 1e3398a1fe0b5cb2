// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@testable import Web

@Suite("Pages as HTML")
struct PagesTests {
    let pages: Pages
    let tag: RevisionTag
    let moment = PageMoment(now: tuesdayMorning)

    init() throws {
        pages = try Pages(settings: PageSettings(place: "Lobby", zone: manila))
        tag = try #require(RevisionTag("abcdefgh-7"))
    }

    @Test(arguments: BoardLayout.allCases, Language.allCases)
    func namesAreTextAndNothingIsInline(_ layout: BoardLayout, _ language: Language) throws {
        let hostile = #"O'Neil <script>alert(1)</script> " & {{words.live}}"#
        let cards = [
            try card(1, "Dr. X \(hostile)", department: hostile, room: hostile), try card(2, "Dr. Ana Cruz"),
        ]
        let content = BoardContent(cards: cards, departments: [hostile, "Physics"], tag: tag)
        var query = BoardQuery()
        query.text = layout == .hall ? "" : hostile
        for page in [
            pages.board(layout, query: query, language: language, content: content, moment: moment),
            pages.person(cards[0], tag: tag, query: query, language: language, moment: moment),
            pages.problem(status: 404, layout: layout, query: query, language: language),
        ] {
            #expect(page.hasPrefix("<!DOCTYPE html>"))
            #expect(!page.contains("<script>"))
            #expect(!page.contains("alert(1)</script>"))
            #expect(!page.contains(" style="))
            #expect(!page.contains("<style"))
        }
    }

    @Test func theScriptStartsFromThePagesOwnRevision() throws {
        let content = BoardContent(cards: [try card(1, "Dr. Ana Cruz")], departments: [], tag: tag)
        let page = pages.board(.kiosk, query: BoardQuery(), language: .english, content: content, moment: moment)
        #expect(page.contains(#""revision":"abcdefgh-7""#))
        #expect(page.contains(#""zone":"Asia/Manila""#))
    }

    @Test func aCrowdStaysOnTheServer() throws {
        let content = BoardContent(cards: try ArrangementTests.people(601), departments: [], tag: tag)
        let page = pages.board(.public, query: BoardQuery(), language: .english, content: content, moment: moment)
        #expect(page.contains(#""whole":false"#))
        #expect(page.utf8.count < 300_000)
    }

    @Test(arguments: [
        (404, "This page is not here"), (503, "The server cannot answer now"), (500, "That did not work"),
    ])
    func aProblemSaysWhatIsSo(_ status: Int, _ words: String) {
        #expect(pages.problem(status: status, language: .english).contains("<h1>\(words)</h1>"))
    }

    @Test func everyAssetHasAVersionThatMayBeKept() throws {
        for name in ["screens.css", "board.js", "marks.svg", "icon.svg"] {
            let asset = try #require(Assets.asset(named: name))
            #expect(!asset.bytes.isEmpty)
            #expect(Assets.path(of: name) == "/assets/\(name)?v=\(asset.version)")
            #expect(Assets.cacheControl(for: asset, version: asset.version).contains("immutable"))
            #expect(Assets.cacheControl(for: asset, version: "old") == "no-cache")
        }
        #expect(Assets.asset(named: "../marks.svg") == nil)
    }
}
