// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@testable import Web

@Suite("GET /api/v1/events", .timeLimit(.minutes(5)))
struct EventStreamTests {
    @Test func beginsWithTheWholeBoardAndThenTellsWhatChanges() async throws {
        try await withEdge { edge in
            try await edge.events { reader in
                #expect(reader.fields["content-type"] == "text/event-stream")
                #expect(reader.fields["cache-control"] == "no-store")
                #expect(reader.fields["x-accel-buffering"] == "no")
                let snapshot = try await reader.nextChange()
                #expect(snapshot.kind == "snapshot")
                #expect(try snapshot.cards().keys.sorted() == Array(1...9))
                let revision = try await edge.say(.busy, for: 7)
                let change = try await reader.nextChange()
                #expect(change.kind == "change")
                #expect(try change.tag.revision == revision)
                #expect(try change.json()["revision"] as? String == edge.tag(revision))
                #expect(try change.cards() == [7: "busy"])
                #expect(try change.removed().isEmpty)
            }
        }
    }

    @Test func sendsTheCardThatTheAPIShows() async throws {
        try await withEdge { edge in
            let card = try await edge.request("GET", "/api/v1/faculty/1").body
            try await edge.events { reader in
                let snapshot = try await reader.nextChange()
                #expect(snapshot.data.contains(card))
            }
        }
    }

    @Test func beatsWithTheServersTimeAndSpeed() async throws {
        try await withEdge(speed: 60) { edge in
            try await edge.events { reader in
                var beats: [Event] = []
                while beats.count < 2, let event = try await reader.next() {
                    if event.kind == "beat" { beats.append(event) }
                }
                let times = try beats.map { try $0.json()["now"] as? Int64 ?? 0 }
                #expect(times[0] >= 1_795_507_200_000 && times[1] > times[0])
                #expect(try beats[0].json()["speed"] as? Int == 60)
                #expect(try beats[0].json()["revision"] as? String == beats[0].id)
                #expect(beats[1].id == "\(edge.tag)")
            }
        }
    }

    @Test(arguments: ["header", "query"])
    func resumesWithWhatChangedMeanwhileAndNothingElse(_ by: String) async throws {
        try await withEdge { edge in
            let seen = edge.tag
            try await edge.say(.out, for: 2)
            let newest = try await edge.say(.away, for: 9)
            try await eventually("the board follows") { edge.tag.revision == newest }
            let query = by == "query" ? "?after=\(seen)" : ""
            try await edge.events(query, by == "header" ? ["Last-Event-ID": "\(seen)"] : [:]) { reader in
                let change = try await reader.nextChange()
                #expect(change.kind == "change")
                #expect(try change.cards() == [2: "out", 9: "away"])
                #expect(try change.tag.revision == newest)
            }
        }
    }

    @Test func theHeaderGoesBeforeTheAddress() async throws {
        try await withEdge { edge in
            let old = edge.tag
            let newest = try await edge.say(.out, for: 2)
            try await eventually("the board follows") { edge.tag.revision == newest }
            try await edge.events("?after=\(old)", ["Last-Event-ID": edge.tag(newest)]) { reader in
                let first = try await reader.next()
                #expect(first?.kind == "beat")
            }
            let malformed = try await edge.request("GET", "/api/v1/events", ["Last-Event-ID": "7"])
            #expect(malformed.status == 400)
            #expect((try malformed.json()["detail"] as? String)?.contains("Last-Event-ID") == true)
        }
    }

    @Test(arguments: ["anotherpast1-3", "webtests0001-4000"])
    func aNumberFromAnotherPastIsAnsweredWithAFreshStart(_ seen: String) async throws {
        try await withEdge { edge in
            try await edge.events("?after=\(seen)") { reader in
                let reset = try await reader.nextChange()
                #expect(reset.kind == "reset")
                #expect(try reset.cards().isEmpty)
                let snapshot = try await reader.nextChange()
                #expect(snapshot.kind == "snapshot")
                #expect(try snapshot.cards().count == 9)
                #expect(try snapshot.tag == edge.tag)
            }
        }
    }

    @Test func aReaderCutOffRightAfterTheResetResumesWithTheWholeBoard() async throws {
        try await withEdge { edge in
            let id = try await edge.events("?after=anotherpast1-3") { try await $0.nextChange().id }
            try await edge.events("", ["Last-Event-ID": id]) { reader in
                let change = try await reader.nextChange()
                #expect(try change.cards().keys.sorted() == Array(1...9))
            }
        }
    }

    @Test func aDepartmentsStreamCarriesNoOtherDepartment() async throws {
        try await withEdge { edge in
            try await edge.events("?department=Engineering") { reader in
                #expect(try await reader.nextChange().cards().keys.sorted() == [1, 3, 5, 7, 9])
                try await edge.say(.busy, for: 2)
                try await edge.say(.busy, for: 3)
                #expect(try await reader.nextChange().cards() == [3: "busy"])
                try await edge.edit(3, department: "Letters & Arts")
                let moved = try await reader.nextChange()
                #expect(try moved.cards().isEmpty)
                #expect(try moved.removed() == [3])
                try await edge.edit(2, department: "Engineering")
                #expect(try await reader.nextChange().cards() == [2: "busy"])
            }
        }
    }

    @Test func revisionsNeverFallAndTheLastIsTheNewestWhileManyWrite() async throws {
        try await withEdge { edge in
            let start = edge.tag.revision
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await edge.events { reader in
                            var shown = Revision.none
                            while shown.number < start.number + 200, let event = try await reader.next() {
                                let revision = try event.tag.revision
                                #expect(revision >= shown)
                                if event.kind == "change" { #expect(revision > shown) }
                                shown = revision
                            }
                            #expect(shown.number == start.number + 200)
                        }
                    }
                }
                group.addTask {
                    try await eventually("every stream is open") { edge.board.subscriberCount == 8 }
                    try await withThrowingTaskGroup(of: Void.self) { writers in
                        for writer in 0..<4 {
                            writers.addTask {
                                for round in 0..<50 {
                                    let word: OverrideWord = round % 2 == 0 ? .busy : .available
                                    try await edge.say(word, for: Int64(writer + 1))
                                }
                            }
                        }
                        try await writers.waitForAll()
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aReaderThatGoesLeavesTheBoard() async throws {
        try await withEdge { edge in
            try await edge.events { reader in
                _ = try await reader.nextChange()
                #expect(edge.board.subscriberCount == 1)
            }
            try await eventually("the reader has left") { edge.board.subscriberCount == 0 }
        }
    }

    @Test func oneStreamTooManyIsToldToComeBack() async throws {
        var limits = WebLimits()
        limits.openStreams = 1
        try await withEdge(limits) { edge in
            try await edge.events { reader in
                _ = try await reader.nextChange()
                let refused = try await edge.request("GET", "/api/v1/events")
                #expect(refused.status == 503)
                #expect(refused.fields["retry-after"] == "5")
                #expect(try refused.problem() == "too-many-streams")
            }
            try await eventually("there is room again") {
                try await edge.request("HEAD", "/api/v1/events").status == 200
            }
            try await edge.events { reader in _ = try await reader.nextChange() }
        }
    }
}
