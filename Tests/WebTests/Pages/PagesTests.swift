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

    /// The page speaks like the script on a page that has lost contact: in the past tense, with the age of what is
    /// shown.
    @Test(arguments: BoardLayout.allCases)
    func aPageThatMayBeOldSpeaksOfThePast(_ layout: BoardLayout) throws {
        let cards = [
            try card(1, "Dr. Ana Cruz", Availability(state: .available, source: .ownWord, since: nil)),
            try card(2, "Dr. Ben Reyes", Availability(state: .inConsultation, source: .consultation, since: nil)),
        ]
        let content = BoardContent(cards: cards, departments: [], tag: tag)
        let stale = PageMoment(now: tuesdayMorning, staleAt: minutesAgo(4))
        let page = pages.board(layout, query: BoardQuery(), language: .english, content: content, moment: stale)
        #expect(page.contains(">Was available<"))
        #expect(page.contains(layout == .hall ? ">Was in consult.<" : ">Was in consultation<"))
        #expect(page.contains(">at 10:20<"))
        #expect(page.contains("no word from its data since 10:20. What you see is 4 min old"))
        if layout != .hall { #expect(page.contains(">Was here</span> <span class=\"count\" hidden>")) }
        let live = pages.board(layout, query: BoardQuery(), language: .english, content: content, moment: moment)
        #expect(!live.contains("Was available<") && !live.contains(" data-stale>"))
        let sheet = pages.person(cards[0], tag: tag, query: BoardQuery(), language: .english, moment: stale)
        #expect(sheet.contains(">Was available<") && sheet.contains(" data-stale>"))
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

    @Test(arguments: BoardLayout.allCases, [404, 500, 503])
    func aScreenThatNobodyOwnsAsksAgainByItself(_ layout: BoardLayout, _ status: Int) {
        let page = pages.problem(status: status, layout: layout, language: .english)
        let asksAgain = layout != .public && status != 404
        #expect(page.contains(#"<meta http-equiv="refresh" content="10">"#) == asksAgain)
        #expect(page.contains("tries again by itself") == asksAgain)
        #expect(page.contains("class=\"button") == (layout != .hall))
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
