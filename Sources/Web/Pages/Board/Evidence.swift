// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service

/// How a status is known: an icon, an age or name, and the same in words.
struct Evidence: Hashable {
    /// Name of a symbol in the sprite.
    let icon: String
    let text: String
    let spoken: String

    /// Evidence of a desk unit younger than ten minutes reads "live"; older shows its age. If a status rests on a
    /// unit at all, the unit is live, or the status would be unknown.
    init(_ availability: Availability, says moments: MomentWords) {
        let words = moments.words
        switch availability.source {
        case .beacon:
            icon = "beacon"
            (text, spoken) = Self.sensed(
                availability, .sourceBeacon, .evidenceBeacon, .evidenceBeaconLive, .evidenceBeaconPlain, moments)
        case .button:
            icon = "button"
            (text, spoken) = Self.sensed(
                availability, .sourceButton, .evidenceButton, .evidenceButtonLive, .evidenceButtonPlain, moments)
        case .ownWord:
            icon = "person"
            text = words(.sourceOwnWord)
            spoken =
                availability.since.map { words(.evidenceOwnWord, ["age": moments.spokenAge(since: $0)]) }
                ?? words(.evidenceOwnWordPlain)
        case .calendar:
            icon = "calendar"
            text = words(.sourceCalendar)
            spoken = words(.evidenceCalendar)
        case .consultation:
            icon = "clock"
            text = availability.since.flatMap(moments.age) ?? words(.evidenceLive)
            spoken =
                availability.since.map { words(.evidenceConsultation, ["age": moments.spokenAge(since: $0)]) }
                ?? words(.evidenceConsultationPlain)
        case .unit:
            icon = "unit"
            text = availability.since.flatMap(moments.age) ?? words(.sourceUnit)
            spoken =
                availability.since.map { words(.evidenceUnit, ["age": moments.spokenAge(since: $0)]) }
                ?? words(.evidenceUnitPlain)
        }
    }

    private static func sensed(
        _ availability: Availability, _ source: Phrase, _ aged: Phrase, _ live: Phrase, _ plain: Phrase,
        _ moments: MomentWords
    ) -> (text: String, spoken: String) {
        let words = moments.words
        let evidence = availability.state == .away ? availability.since : availability.lastEvidence?.flooredToMinute
        guard let evidence else { return (words(source), words(plain)) }
        guard moments.now - evidence >= .minutes(10), let age = moments.age(since: evidence) else {
            return (words(.evidenceLive), words(live))
        }
        return (age, words(aged, ["age": moments.spokenAge(since: evidence)]))
    }
}
