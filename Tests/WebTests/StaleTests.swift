// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Store
import Testing

@testable import Web

/// Promise 9: a server without contact to its database calls nothing live, at any endpoint.
@Suite("A server out of touch with its database", .timeLimit(.minutes(5)))
struct StaleTests {
    @Test func opensNoStreamAndSaysWhenToTryAgain() async throws {
        try await withEdge(isKept: false) { edge in
            let early = try await edge.events { try await $0.nextChange().kind }
            #expect(early == "snapshot")
            try await eventually("the board is stale") { edge.board.staleAt != nil }
            for query in ["", "?after=\(edge.tag)", "?after=anotherpast1-3", "?department=Engineering"] {
                let answer = try await edge.request("GET", "/api/v1/events\(query)")
                #expect(answer.status == 503)
                #expect(answer.fields["content-type"] == "application/problem+json")
                #expect(answer.fields["retry-after"] == "2")
                #expect(try answer.problem() == "stale")
            }
            // The last known state can still be read.
            #expect(try await edge.request("GET", "/api/v1/faculty").status == 200)
        }
    }

    @Test func saysSoOnEveryPage() async throws {
        let pages = ["/", "/kiosk", "/hall", "/faculty/1", "/faculty/1?at=kiosk"]
        try await withEdge { edge in
            for page in pages {
                let live = try await edge.request("GET", page).body
                #expect(!live.contains(" data-stale>") && live.contains(#"<b id="live-word">As of 8:00</b>"#))
            }
        }
        try await withEdge(isKept: false) { edge in
            try await eventually("the board is stale") { edge.board.staleAt != nil }
            let since = try #require(edge.board.staleAt)
            for page in pages {
                let stale = try await edge.request("GET", page).body
                #expect(stale.contains(#"<b id="live-word">Not live.</b>"#), "\(page)")
                #expect(stale.contains("The server has had no word from its data since 8:00."), "\(page)")
                #expect(stale.contains(" data-stale>"), "\(page)")
                #expect(stale.contains(#""staleAt":\#(since.milliseconds)"#), "\(page): its script has to know")
                #expect(!stale.contains(#"class="still""#), "\(page): said already")
            }
        }
    }
}

/// Promise 2: another instance may have seen a new lineage before this one.
@Suite("A lineage that the board doesn't know", .timeLimit(.minutes(5)))
struct OtherLineageTests {
    @Test func isLookedUpBeforeItIsCalledAnotherPast() async throws {
        try await withEdge { edge in
            for round in 0..<5 {
                let before = edge.tag
                let renewed = "webtests100\(round)"
                try await edge.store.write { try Meta.set("lineage", renewed, $0.connection) }
                let revision = try await edge.say(round % 2 == 0 ? .busy : .out, for: 1)
                let tag = "\(renewed)-\(revision)"
                async let list = edge.patientList(atLeast: tag)
                async let first = edge.events("?after=\(tag)") { try await $0.next() }
                #expect(try await list.status == 200)
                #expect(try await list.fields["consultease-revision"] == tag)
                #expect(try await first?.kind == "beat", "a reset would throw away what the reader has")
                let old = try await edge.patientList(atLeast: "\(before)")
                #expect(old.status == 409)
            }
        }
    }

    /// Many clients that invent lineages cost the database no more than one such client.
    @Test func isInventedByManyAndStillLookedUpTogether() async throws {
        try await withEdge { edge in
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await edge.request("GET", "/api/v1/faculty?at-least=invented\(1000 + number)-1").status
                    }
                }
                for try await status in group { #expect(status == 409) }
            }
            #expect(start.duration(to: .now) < .seconds(60), "one after the other they would take 200 s")
        }
    }
}
