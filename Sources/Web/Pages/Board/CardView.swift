// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Mustache
import Service

/// One person as `card.mustache` draws them, on any board.
///
/// It answers the template's names itself: reflection, which is what Mustache does otherwise, is too slow for hundreds.
struct CardView: MustacheParent {
    var id: Int64
    var tag: String
    var href: String?
    var state: String
    var fit: Fit
    var name: String
    var second: String
    var evidenceIcon: String
    var evidence: String
    var word: String
    var line: String
    var label: String

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "tag": tag
        case "href": href
        case "state": state
        case "fit": fit.rawValue
        case "name": self.name
        case "second": second
        case "evidenceIcon": evidenceIcon
        case "evidence": evidence
        case "word": word
        case "line": line
        case "label": label
        default: nil
        }
    }
}

extension CardView {
    /// - Parameters:
    ///   - href: the person's sheet; nil if nothing can be touched.
    ///   - sharesSurname: another person of the scope bears the same surname.
    init(_ card: Card, form: BoardForm, href: String?, sharesSurname: Bool, says moments: MomentWords) {
        let words = moments.words
        let known = Evidence(card.availability, says: moments)
        let profile = card.profile
        id = card.id.rawValue
        tag = href == nil ? "div" : "a"
        self.href = href
        state = card.availability.state.rawValue
        name =
            form.shape == .tiles && sharesSurname && !card.firstName.isEmpty
            ? words(.surnameGiven, ["surname": profile.surname, "given": card.firstName]) : profile.surname
        second = card.secondName(form: form.shape, words: words)
        evidenceIcon = known.icon
        evidence = known.text
        word = card.word(says: moments, isShort: form.isNarrow)
        line = card.secondLine(says: moments) ?? ""
        fit = Fit(name: name, second: second, evidence: evidence, form: form)
        label = card.label(word: word, line: line, evidence: known.spoken, words: words)
    }

    /// An empty card for the script to fill.
    static func blank(tag: String) -> CardView {
        CardView(
            id: 0, tag: tag, href: tag == "a" ? "#" : nil, state: "unknown", fit: .normal, name: "", second: "",
            evidenceIcon: "unit", evidence: "", word: "", line: "", label: "")
    }
}

extension Card {
    /// The first of the given names that is no title: a title ends in a dot.
    fileprivate var firstName: String {
        profile.givenName.split(separator: " ").first { !$0.hasSuffix(".") }.map(String.init) ?? ""
    }

    /// What stands under the surname: the rest of the name, and the room.
    fileprivate func secondName(form: BoardForm.Shape, words: Words) -> String {
        guard let room = profile.room, !room.isEmpty else { return profile.givenName }
        if profile.givenName.isEmpty { return words(.room, ["room": room]) }
        return words(form == .hall ? .givenRoomLong : .givenRoom, ["given": profile.givenName, "room": room])
    }

    /// "Dr. Teresa Bautista, Away, back about 14:30, room 118. Beacon, 41 minutes ago."
    fileprivate func label(word: String, line: String, evidence: String, words: Words) -> String {
        let room = profile.room ?? ""
        let phrase: Phrase =
            switch (line.isEmpty, room.isEmpty) {
            case (true, true): .cardLabel
            case (false, true): .cardLabelLine
            case (true, false): .cardLabelRoom
            case (false, false): .cardLabelLineRoom
            }
        return words(
            phrase, ["name": profile.name, "word": word, "line": line, "room": room, "evidence": evidence])
    }
}

/// How a name fits the fixed box of a card: it wraps to two lines in smaller type, and is never cut.
enum Fit: String {
    case normal
    /// The surname takes two lines.
    case name
    /// The line below it does.
    case second
    /// Both do, or one needs more: the band keeps the state's word alone, and the evidence its icon.
    case both

    /// Estimates widths in half pixels from mean widths of Inter, so that the script comes to the same answer.
    init(name: String, second: String, evidence: String, form: BoardForm) {
        let (nameLength, secondLength) = (name.unicodeScalars.count, second.unicodeScalars.count)
        // Beside this evidence a third line would be needed; a second line of that length needs one, too.
        let isTight = nameLength * 38 > 3 * (form.cardRoom * 2 - evidence.unicodeScalars.count * 17 - 56)
        let isLong: Bool
        let isSecondLong: Bool
        switch form.shape {
        case .cards where isTight || secondLength * 5 > form.cardRoom:
            (isLong, isSecondLong) = (true, true)
        case .cards:
            isLong = nameLength * 25 + evidence.unicodeScalars.count * 17 > form.cardRoom * 2 - 68
            isSecondLong = secondLength * 17 > form.cardRoom * 2
        case .tiles:
            (isLong, isSecondLong) = (nameLength > 11, false)
        case .rows:
            (isLong, isSecondLong) = (nameLength > 18, secondLength > 22)
        case .hall:
            (isLong, isSecondLong) = (nameLength > 14, secondLength > 26)
        }
        self = isLong ? (isSecondLong ? .both : .name) : isSecondLong ? .second : .normal
    }
}
