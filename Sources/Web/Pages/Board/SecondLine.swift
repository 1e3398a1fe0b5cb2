// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service

extension Card {
    /// The state's word; while it can't be said that it still is so, what it was.
    func word(says moments: MomentWords, isShort: Bool) -> String {
        let state = availability.state
        return moments.words(moments.staleAt == nil ? state.phrase : state.formerPhrase(isShort: isShort))
    }

    /// What stands under the state's word: the first that is known. "About" marks a prediction; a person's
    /// own word goes without. Nil if nothing more is known.
    func secondLine(says moments: MomentWords) -> String? {
        let words = moments.words
        let until = availability.until
        let at = moments.staleAt.map { words(.at, ["time": moments.moment($0)]) }
        switch availability.state {
        case .available:
            if let at { return at }
            if waiting > 0 { return words(.waiting, count: waiting) }
            return until.map { words(.until, ["time": moments.moment($0)]) }
        case .busy:
            if let until {
                return words(
                    availability.source == .calendar ? .freeAbout : .until, ["time": moments.moment(until)])
            }
            if let at { return at }
            return waiting > 0 ? words(.waiting, count: waiting) : nil
        case .inConsultation:
            if let at { return at }
            return waiting > 0 ? words(.waiting, count: waiting) : words(.nobodyWaiting)
        case .away:
            if let until {
                return words(availability.source == .ownWord ? .backAt : .backAbout, ["time": moments.moment(until)])
            }
            if let seen = availability.lastEvidence?.flooredToMinute {
                return words(.lastSeen, ["time": moments.moment(seen)])
            }
            return availability.since.map { words(.since, ["time": moments.moment($0)]) }
        case .out:
            return until.map { words(.until, ["time": moments.day($0)]) }
        case .unknown:
            guard let since = availability.since else { return words(.neverHeard) }
            switch availability.lastKnown {
            case .present: return words(.wasHereAt, ["time": moments.moment(since)])
            case .absent: return words(.wasAwayAt, ["time": moments.moment(since)])
            case .unknown, nil: return words(.unitSilentSince, ["time": moments.moment(since)])
            }
        }
    }
}

extension AvailabilityState {
    /// The state's one word.
    var phrase: Phrase {
        switch self {
        case .available: .available
        case .busy: .busy
        case .inConsultation: .inConsultation
        case .away: .away
        case .out: .out
        case .unknown: .unknown
        }
    }

    /// The state's word if it may be over.
    fileprivate func formerPhrase(isShort: Bool) -> Phrase {
        switch self {
        case .available: .wasAvailable
        case .busy: .wasBusy
        case .inConsultation: isShort ? .wasInConsultationShort : .wasInConsultation
        case .away: .wasAway
        case .out: .wasOut
        case .unknown: .unknown
        }
    }
}
