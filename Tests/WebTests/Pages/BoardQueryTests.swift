// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Web

@Suite("The reader's choice of board")
struct BoardQueryTests {
    @Test func everyChoiceIsReadAndWrittenBack() {
        let text = "department=Letters%20%26%20Arts&show=here&q=dela%20cruz&page=2&lang=fil&size=150"
        let query = BoardQuery(text)
        #expect(query.department == "Letters & Arts")
        #expect(query.show == .here)
        #expect(query.text == "dela cruz")
        #expect(query.page == 2)
        #expect(query.language == .filipino)
        #expect(query.textSize == .larger)
        #expect(query.link(.kiosk) == "/kiosk?\(text)")
    }

    @Test(arguments: [
        nil, "", "show=nobody", "page=0", "page=-3", "page=1e9", "size=110", "lang=de", "department=", "q=", "at=hall",
        "&&=&",
        "show", "%zz=%",
    ])
    func anUnknownLanguageFallsBack(_ text: String?) {
        #expect(BoardQuery(text) == BoardQuery())
    }

    @Test func aFormWritesSpacesAsPlus() {
        #expect(BoardQuery("q=dela+cruz%2B").text == "dela cruz+")
    }

    @Test func aSheetRemembersItsBoard() {
        var query = BoardQuery("show=here&page=2")
        query.layout = .kiosk
        #expect(query.personLink(7, from: .kiosk) == "/faculty/7?at=kiosk&show=here&page=2")
        #expect(BoardQuery("at=kiosk&show=here&page=2") == query)
    }
}
