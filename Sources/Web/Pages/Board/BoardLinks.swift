// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service

/// One tab below a board, named by its range of surnames, so that a person's page is found without searching.
struct PageLink {
    /// Nil for the range between *Previous* and *Next*.
    let href: String?
    let page: Int
    let label: String
    let current: Bool
}

extension PageLink {
    /// None for one page, a tab each up to four, else previous, range and next.
    static func links(
        _ arrangement: Arrangement, layout: BoardLayout, query: BoardQuery, words: Words
    ) -> [PageLink] {
        let (pages, current) = (arrangement.pages, arrangement.page)
        guard pages.count > 1 else { return [] }
        let href = { (page: Int) in query.link(layout) { $0.page = page } }
        func range(_ page: Int) -> String {
            let cards = pages[page - 1]
            let (first, last) = (guideWord(cards.first), guideWord(cards.last))
            return first == last ? first : words(.pageRange, ["first": first, "last": last])
        }
        // A long surname's part before its hyphen, as dictionaries head their pages.
        func guideWord(_ card: Card?) -> String {
            let surname = card?.profile.surname ?? ""
            return surname.unicodeScalars.count > 16
                ? surname.split(separator: "-").first.map(String.init) ?? surname : surname
        }
        if pages.count <= 4 {
            return (1...pages.count).map {
                PageLink(href: href($0), page: $0, label: range($0), current: $0 == current)
            }
        }
        let (previous, next) = (current > 1 ? current - 1 : pages.count, current < pages.count ? current + 1 : 1)
        return [
            PageLink(href: href(previous), page: previous, label: words(.previousPage), current: false),
            PageLink(href: nil, page: current, label: range(current), current: true),
            PageLink(href: href(next), page: next, label: words(.nextPage), current: false),
        ]
    }
}

/// The choice of a department: left out if there is only one.
struct DepartmentsView {
    let chosen: String
    let choices: [Choice]

    struct Choice {
        let href: String
        let label: String
        let chosen: Bool
    }

    init?(_ departments: [String], layout: BoardLayout, query: BoardQuery, words: Words) {
        guard departments.count > 1 || query.department != nil else { return nil }
        chosen = query.department ?? words(layout == .kiosk ? .department : .allDepartments)
        let all: [String?] = [nil]
        choices = (all + departments).map { department in
            Choice(
                href: query.link(layout) {
                    $0.department = department
                    $0.page = 1
                    $0.text = ""
                }, label: department ?? words(.allDepartments), chosen: department == query.department)
        }
    }
}

/// The reason why the board is empty, and the one thing to do about it.
struct EmptyView {
    let text: String
    let href: String
    let action: String?

    init?(_ arrangement: Arrangement, layout: BoardLayout, query: BoardQuery, words: Words) {
        guard arrangement.shown.isEmpty else { return nil }
        if !query.text.isEmpty, arrangement.everyone > 0 {
            text = words(.emptyNoMatch, ["text": query.text])
            href = query.link(layout) { ($0.text, $0.page) = ("", 1) }
            action = words(.clearSearch)
        } else if arrangement.everyone == 0 {
            text = query.department.map { words(.emptyDepartment, ["department": $0]) } ?? words(.emptyBeingSetUp)
            href = query.link(layout) { ($0.department, $0.show, $0.page) = (nil, .everyone, 1) }
            action = query.department == nil ? nil : words(.showEveryone)
        } else {
            text = words(query.show == .available ? .emptyNobodyAvailable : .emptyNobodyHere)
            href = query.link(layout) { ($0.show, $0.page) = (.everyone, 1) }
            action = words(.showEveryone)
        }
    }
}
