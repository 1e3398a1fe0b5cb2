// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A sentence or label that Swift code names. Its raw value is its key in `messages.json`; templates name theirs as
/// `words.key`. Counted ones have two entries there, `key.one` and `key.other`.
enum Phrase: String, CaseIterable {
    case available, busy, inConsultation, away, out, unknown
    case inConsultationShort
    case wasAvailable, wasBusy, wasInConsultation, wasInConsultationShort, wasAway, wasOut
    case at
    case until, freeAbout, backAbout, backAt, lastSeen, since, wasAwayAt, wasHereAt, unitSilentSince, neverHeard
    case waiting, nobodyWaiting
    case sourceBeacon, sourceButton, sourceOwnWord, sourceCalendar, sourceConsultation, sourceUnit
    case evidenceLive
    case ageSeconds, ageMinutes, ageHours, ageDays
    case ageSpokenNow, ageSpokenMinutes, ageSpokenHours, ageSpokenDays
    case evidenceBeacon, evidenceBeaconLive, evidenceBeaconPlain
    case evidenceButton, evidenceButtonLive, evidenceButtonPlain
    case evidenceOwnWord, evidenceOwnWordPlain
    case evidenceCalendar
    case evidenceConsultation, evidenceConsultationPlain
    case evidenceUnit, evidenceUnitPlain
    case cardLabel, cardLabelLine, cardLabelRoom, cardLabelLineRoom
    case givenRoom, givenRoomLong, room, noRoom, surnameGiven
    case whoIsHere, whoIsHereIn
    case findSomeone, findHint
    case everyone, here, wasHere
    case department, allDepartments
    case pageRange, previousPage, nextPage, pageOf
    case availableOf, placeAvailableOf
    case textSizeNow, servedBy
    case asOf, notLive, notLiveNoData, notLiveNoScript
    case emptyBeingSetUp, emptyNobodyHere, emptyNobodyAvailable, emptyNoMatch, emptyDepartment
    case clearSearch, showEveryone
    case lineNobody, lineWaiting
    case notFoundTitle, notFoundText, unavailableTitle, unavailableText, unavailableAgain
    case faultTitle, faultText, faultAgain
    case refusedTitle, refusedText
    case weekdays, months, monthsLong, date, weekdayTime, dateTime

    /// Whether it has a form of its own for one.
    var isCounted: Bool {
        switch self {
        case .waiting, .lineWaiting, .ageDays, .ageSpokenMinutes, .ageSpokenHours, .ageSpokenDays: true
        default: false
        }
    }
}
