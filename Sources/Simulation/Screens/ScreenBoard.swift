// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The board that one screen assembles from the event stream. Pure. It records what a screen must never see.
package struct ScreenBoard: Sendable {
    package private(set) var cards: [Int64: ScreenCard] = [:]
    package private(set) var revision: ScreenRevision?
    /// The id after which a new connection resumes.
    package private(set) var lastEventID: String?
    /// Descriptions of broken promises, at most `violationLimit`.
    package private(set) var violations: [String] = []
    package private(set) var violationCount = 0
    package private(set) var snapshotCount = 0
    package private(set) var changeCount = 0
    package private(set) var resetCount = 0
    private var hasBoard = false

    static let violationLimit = 10

    package init() {}

    /// Processes one event; returns the ids of the cards in it.
    @discardableResult
    package mutating func take(_ event: ServerSentEvent) -> [Int64] {
        lastEventID = event.id ?? lastEventID
        switch event.name {
        case "snapshot": return takeFrame(event, isWhole: true)
        case "change": return takeFrame(event, isWhole: false)
        case "reset":
            resetCount += 1
            (cards, revision, hasBoard) = ([:], nil, false)
            return []
        default: return []
        }
    }

    private struct Frame: Decodable {
        var revision: String
        var cards: [ScreenCard]
        var removed: [Int64]?
    }

    private mutating func takeFrame(_ event: ServerSentEvent, isWhole: Bool) -> [Int64] {
        let frame: Frame
        do { frame = try JSONDecoder().decode(Frame.self, from: Data(event.data.utf8)) } catch {
            violate("a \(event.name) that can't be read: \(error)")
            return []
        }
        guard let next = ScreenRevision(frame.revision) else {
            violate("a \(event.name) without a revision: \(frame.revision)")
            return []
        }
        if event.id != frame.revision { violate("id \(event.id ?? "none") on revision \(frame.revision)") }
        if let revision {
            if next.lineage != revision.lineage {
                violate("lineage \(next.lineage) after \(revision.lineage) without a reset")
            } else if next.number < revision.number {
                violate("revision \(next.number) after \(revision.number)")
            }
        }
        if !isWhole, !hasBoard { violate("a change before any snapshot") }
        if isWhole {
            snapshotCount += 1
            cards = [:]
            hasBoard = true
        } else {
            changeCount += 1
        }
        for card in frame.cards { cards[card.id] = card }
        for id in frame.removed ?? [] { cards[id] = nil }
        revision = next
        return frame.cards.map(\.id)
    }

    private mutating func violate(_ text: String) {
        violationCount += 1
        if violations.count < Self.violationLimit { violations.append(text) }
    }
}
