// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@testable import Web

/// 2026-11-24T10:24:20+08:00, a Tuesday morning in Manila.
let tuesdayMorning = Timestamp(milliseconds: 1_795_487_060_000)
let manila = Zone(identifier: "Asia/Manila") { _ in .seconds(8 * 3600) }

func minutesAgo(_ minutes: Int64) -> Timestamp { tuesdayMorning - .minutes(minutes) }

func moments(_ language: Language = .english) throws -> MomentWords {
    MomentWords(words: try Catalogue(json: Templates.messages)(language), zone: manila, now: tuesdayMorning)
}

func card(
    _ id: Int64, _ name: String,
    _ availability: Availability = Availability(state: .unknown, source: .unit, since: nil),
    department: String = "Engineering", room: String? = "212", subjects: String? = nil, waiting: Int64 = 0
) throws -> Card {
    let profile = FacultyProfile(name: name, department: department, room: room, subjects: subjects)
    return Card(
        id: try #require(FacultyID(id)), profile: profile.publicPart, version: 1, availability: availability,
        alwaysAvailable: false, waiting: waiting, revision: Revision(1))
}
