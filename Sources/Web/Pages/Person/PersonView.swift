// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service

/// A person's sheet as `person.mustache` draws it: state, evidence in words, room and way, and how many students wait.
struct PersonPage {
    let frame: PageFrame
    let freshness: FreshnessView
    let isBoard = false
    let isKiosk: Bool
    let back: String
    let place: String?
    let person: PersonView
    let blank: CardView
    let data: String
    let refresh: String? = nil

    init(_ card: Card, tag: RevisionTag, query: BoardQuery, words: Words, moment: PageMoment, settings: PageSettings) {
        let layout = query.layout
        let moments = MomentWords(words: words, zone: settings.zone, now: moment.now, staleAt: moment.staleAt)
        frame = PageFrame(
            words: words, title: card.profile.name, layout: layout, query: query, instance: settings.instance,
            isStale: moment.staleAt != nil,
            link: { change in
                var changed = query
                change(&changed)
                return changed.personLink(card.id.rawValue, from: layout)
            })
        freshness = FreshnessView(says: moments)
        isKiosk = layout == .kiosk
        back = "\(query.link(layout))#card-\(card.id)"
        place = settings.place ?? query.department
        person = PersonView(card, says: moments)
        blank = .blank(tag: "a")
        data =
            ScriptData(
                page: "person", drawn: [card], layout: layout, query: query, words: words,
                content: BoardContent(cards: [card], departments: [], tag: tag), moment: moment, settings: settings,
                place: place
            ).json
    }
}

/// The sheet itself.
struct PersonView {
    let id: Int64
    let fullName: String
    let department: String
    let state: String
    let word: String
    let line: String
    let roomText: String
    let directions: String
    let evidenceSpoken: String
    let waitingText: String
    let subjects: String?

    init(_ card: Card, says moments: MomentWords) {
        let words = moments.words
        let profile = card.profile
        id = card.id.rawValue
        fullName = profile.name
        department = profile.department
        state = card.availability.state.rawValue
        word = card.word(says: moments, isShort: false)
        line = card.secondLine(says: moments) ?? ""
        roomText = profile.room.map { words(.room, ["room": $0]) } ?? words(.noRoom)
        directions = profile.directions ?? ""
        evidenceSpoken = Evidence(card.availability, says: moments).spoken
        waitingText = card.waiting > 0 ? words(.lineWaiting, count: card.waiting) : words(.lineNobody)
        subjects = profile.subjects.flatMap { $0.isEmpty ? nil : $0 }
    }
}
