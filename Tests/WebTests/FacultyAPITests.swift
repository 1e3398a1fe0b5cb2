// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@testable import Web

@Suite("GET /api/v1/faculty", .timeLimit(.minutes(5)))
struct FacultyAPITests {
    @Test func listsEverybodyAtOneRevision() async throws {
        try await withEdge { edge in
            let answer = try await edge.request("GET", "/api/v1/faculty")
            #expect(answer.status == 200)
            let list = try answer.json()
            #expect(list["lineage"] as? String == "webtests0001")
            #expect(list["revision"] as? String == "\(edge.tag)")
            #expect(answer.fields["consultease-revision"] == "\(edge.tag)")
            #expect(answer.fields["etag"] == "\"\(edge.tag)/1\"")
            let ids = (list["faculty"] as? [[String: any Sendable]] ?? []).compactMap { $0["id"] as? Int }
            #expect(ids == Array(1...9))
        }
    }

    @Test func scopesToADepartmentEncodedAsAFormDoes() async throws {
        try await withEdge { edge in
            let answer = try await edge.request("GET", "/api/v1/faculty?department=Letters+%26%20Arts")
            let ids = (try answer.json()["faculty"] as? [[String: any Sendable]] ?? []).compactMap { $0["id"] as? Int }
            #expect(ids == [2, 4, 6, 8])
            #expect(answer.fields["etag"] == "\"\(edge.tag)/1/Letters%20%26%20Arts\"")
            let empty = try await edge.request("GET", "/api/v1/faculty?department=")
            #expect((try empty.json()["faculty"] as? [any Sendable])?.count == 9)
        }
    }

    @Test func showsOnePersonWithTheCardsOwnTag() async throws {
        try await withEdge { edge in
            let mine = try await edge.say(.busy, for: 3)
            let others = try await edge.say(.out, for: 4)
            let answer = try await edge.request("GET", "/api/v1/faculty/3?at-least=\(edge.tag(others))")
            #expect(answer.status == 200)
            #expect(try answer.json()["availability"] as? String == "busy")
            #expect(answer.fields["etag"] == "\"\(edge.tag(mine))/1\"")
            #expect(answer.fields["consultease-revision"] == edge.tag(others))
            let again = try await edge.request("GET", "/api/v1/faculty/3", ["If-None-Match": "\"\(edge.tag(mine))/1\""])
            #expect(again.status == 304)
        }
    }

    @Test func showsNothingPrivate() async throws {
        try await withEdge { edge in
            let card = try await edge.request("GET", "/api/v1/faculty/1").json()
            #expect(card["email"] == nil && card["ble_id"] == nil)
        }
    }

    @Test func aReaderThatHasTheRevisionIsSentNothingUntilItChanges() async throws {
        try await withEdge { edge in
            let tag = try await edge.request("GET", "/api/v1/faculty").fields["etag"] ?? ""
            let known = try await edge.request("GET", "/api/v1/faculty", ["If-None-Match": "\"other\", W/\(tag)"])
            #expect(known.status == 304)
            #expect(known.body.isEmpty && known.fields["content-type"] == nil)
            #expect(known.fields["etag"] == tag)
            let revision = try await edge.say(.available, for: 1)
            let target = "/api/v1/faculty?at-least=\(edge.tag(revision))"
            let changed = try await edge.request("GET", target, ["If-None-Match": tag])
            #expect(changed.status == 200)
            #expect(changed.fields["etag"] == "\"\(edge.tag(revision))/1\"")
        }
    }

    /// After an upgrade the server must not answer 304 to a client that has another form of the same revision.
    @Test func anotherFormOfTheJSONNeedsAnotherNumber() async throws {
        try await withEdge { edge in
            let list = try await edge.request("GET", "/api/v1/faculty").json()
            let one = try await edge.request("GET", "/api/v1/faculty/1").json()
            #expect(list.keys.sorted() == ["faculty", "lineage", "revision"])
            #expect(
                one.keys.sorted() == [
                    "always_available", "availability", "department", "directions", "given_name", "id", "image_path",
                    "last_known", "last_seen", "name", "room", "since", "sort_key", "source", "status", "subjects",
                    "surname", "until", "version", "waiting",
                ], "raise EntityTag.representation with these")
            #expect(EntityTag.representation == 1)
        }
    }

    @Test func aWriterReadsTheirWrite() async throws {
        try await withEdge { edge in
            for round in 0..<60 {
                let word = OverrideWord.allCases[round % 4]
                let revision = try await edge.say(word, for: 5)
                let answer = try await edge.request("GET", "/api/v1/faculty/5?at-least=\(edge.tag(revision))")
                #expect(answer.status == 200)
                #expect(try answer.json()["availability"] as? String == word.availability.rawValue)
            }
        }
    }

    @Test func aReadWaitsForTheCommitThatItAsksFor() async throws {
        try await withEdge { edge in
            let asked = Revision(edge.tag.revision.number + 1)
            async let answer = edge.request("GET", "/api/v1/faculty/6?at-least=\(edge.tag(asked))")
            try await eventually("the read waits") { edge.board.waiterCount == 1 }
            #expect(try await edge.say(.away, for: 6) == asked)
            let answered = try await answer
            #expect(answered.status == 200)
            #expect(try answered.json()["availability"] as? String == "away")
            try await eventually("no reader waits any more") { edge.board.waiterCount == 0 }
        }
    }

    @Test func aRevisionThatDoesNotComeIs503AndNeverSomethingOlder() async throws {
        var limits = WebLimits()
        limits.readWait = .milliseconds(50)
        try await withEdge(limits) { edge in
            let asked = Revision(edge.tag.revision.number + 1000)
            for target in ["/api/v1/faculty", "/api/v1/faculty/1"] {
                let answer = try await edge.request("GET", "\(target)?at-least=\(edge.tag(asked))")
                #expect(answer.status == 503)
                #expect(answer.fields["retry-after"] == "1")
                #expect(try answer.problem() == "revision-not-here-yet")
            }
        }
    }

    @Test func anotherLineageIs409() async throws {
        try await withEdge { edge in
            let answer = try await edge.request("GET", "/api/v1/faculty?at-least=anotherpast1-1")
            #expect(answer.status == 409)
            #expect(try answer.problem() == "other-lineage")
        }
    }

    @Test func manyReadersOfOneRevisionGetTheSameBytes() async throws {
        try await withEdge { edge in
            let bodies = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await edge.request("GET", "/api/v1/faculty?department=Engineering").body }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(bodies.count == 1)
        }
    }
}
