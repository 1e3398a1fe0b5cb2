// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service

/// A board page as `kiosk.mustache`, `public.mustache` and `hall.mustache` draw it.
struct BoardView {
    let frame: PageFrame
    let freshness: FreshnessView
    let isBoard = true
    let path: String
    let place: String?
    let date: String
    let summary: String
    let findPlaceholder: String
    let query: BoardQuery
    let hidden: [Parameter]
    let filters: [FilterLink]
    let departments: DepartmentsView?
    let form: String
    let cards: [CardView]
    let blank: CardView
    let empty: EmptyView?
    let pages: [PageLink]
    let turn: TurnView
    /// Seconds and address for a display without script; nil for pages that a person turns.
    let refresh: String?
    let data: String

    struct Parameter {
        let name: String
        let value: String
    }

    struct FilterLink {
        let href: String
        let show: String
        let label: String
        let count: Int
        let isPast: Bool
        let chosen: Bool
    }

    struct TurnView {
        let label: String
        let bars: [String]
    }
}

extension BoardView {
    init(
        _ layout: BoardLayout, query: BoardQuery, words: Words, content: BoardContent, moment: PageMoment,
        settings: PageSettings
    ) {
        var query = layout == .hall ? query.forHall : query
        let moments = MomentWords(words: words, zone: settings.zone, now: moment.now, staleAt: moment.staleAt)
        let arrangement = Arrangement(
            cards: content.cards, counts: content.counts, layout: layout, query: query)
        query.page = arrangement.page
        let chosen = query
        let tag = layout == .hall ? "div" : "a"

        frame = PageFrame(
            words: words,
            title: query.department.map { words(.whoIsHereIn, ["department": $0]) } ?? words(.whoIsHere),
            layout: layout, query: query, instance: settings.instance,
            isStale: moment.staleAt != nil, link: { chosen.link(layout, $0) })
        freshness = FreshnessView(says: moments)
        path = layout.path
        place = settings.place ?? query.department
        date = moments.today
        summary = Self.summary(arrangement, place: place, words: words)
        // The longer hint would be cut if the field is narrow or the text large.
        findPlaceholder = words(layout == .kiosk || query.textSize.rawValue >= 150 ? .findSomeone : .findHint)
        self.query = query
        hidden = query.parameters.filter { $0.name != "q" && $0.name != "page" }.map(Parameter.init)
        filters = Self.filters(arrangement, layout: layout, query: query, says: moments)
        departments = DepartmentsView(content.departments, layout: layout, query: query, words: words)
        form = arrangement.form.shape.rawValue
        cards = arrangement.shown.map { card in
            CardView(
                card, form: arrangement.form,
                href: layout == .hall ? nil : chosen.personLink(card.id.rawValue, from: layout),
                sharesSurname: arrangement.counts.sharedSurnames.contains(card.profile.surname), says: moments)
        }
        blank = .blank(tag: tag)
        empty = EmptyView(arrangement, layout: layout, query: query, words: words)
        pages = layout == .hall ? [] : PageLink.links(arrangement, layout: layout, query: query, words: words)
        turn = Self.turn(arrangement, words: words)
        let nextPage = arrangement.page % arrangement.pages.count + 1
        refresh = layout == .hall ? "12; url=\(chosen.link(.hall) { $0.page = nextPage })" : nil
        data =
            ScriptData(
                page: "board", drawn: arrangement.shown, layout: layout, query: query, words: words, content: content,
                moment: moment,
                settings: settings, place: place
            ).json
    }

    private static func summary(_ arrangement: Arrangement, place: String?, words: Words) -> String {
        guard arrangement.everyone > 0 else { return place ?? "" }
        let (available, everyone) = (String(arrangement.counts.available), String(arrangement.everyone))
        guard let place else { return words(.availableOf, ["available": available, "everyone": everyone]) }
        return words(.placeAvailableOf, ["place": place, "available": available, "everyone": everyone])
    }

    private static func filters(
        _ arrangement: Arrangement, layout: BoardLayout, query: BoardQuery, says moments: MomentWords
    ) -> [FilterLink] {
        BoardQuery.Show.allCases.map { show in
            // A stale board has no count that a reader could rely on.
            let isPast = moments.staleAt != nil && show != .everyone
            let (phrase, count): (Phrase, Int) =
                switch show {
                case .everyone: (.everyone, arrangement.everyone)
                case .here: (isPast ? .wasHere : .here, arrangement.counts.here)
                case .available: (isPast ? .wasAvailable : .available, arrangement.counts.available)
                }
            return FilterLink(
                href: query.link(layout) {
                    $0.show = show
                    $0.page = 1
                }, show: show.rawValue, label: moments.words(phrase), count: count, isPast: isPast,
                chosen: query.show == show)
        }
    }

    private static func turn(_ arrangement: Arrangement, words: Words) -> TurnView {
        let pages = arrangement.pages.count
        guard pages > 1 else { return TurnView(label: "", bars: []) }
        let label = words(.pageOf, ["page": String(arrangement.page), "pages": String(pages)])
        // Above a handful the bars would be too many to count.
        guard pages <= 8 else { return TurnView(label: label, bars: []) }
        return TurnView(label: label, bars: (1...pages).map { $0 == arrangement.page ? "bar-now" : "bar" })
    }
}

extension BoardQuery {
    /// A hall display has no search and no filter.
    fileprivate var forHall: BoardQuery {
        var query = self
        (query.text, query.show, query.textSize) = ("", .everyone, .normal)
        return query
    }
}
