// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@testable import Web

@Suite("Screens", .timeLimit(.minutes(5)))
struct ScreenTests {
    private static let browser = ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"]

    @Test(arguments: ["/", "/kiosk", "/hall"])
    func showTheBoardAtARevision(_ path: String) async throws {
        try await withEdge { edge in
            let revision = try await edge.say(.busy, for: 3)
            let answer = try await edge.request("GET", "\(path)?at-least=\(edge.tag(revision))", Self.browser)
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == "text/html; charset=utf-8")
            #expect(answer.fields["consultease-revision"] == edge.tag(revision))
            #expect(answer.fields["cache-control"] == "no-store")
            #expect(answer.body.contains("Prof. Person"))
            #expect(answer.body.contains(edge.tag(revision)))
        }
    }

    @Test func showOneDepartmentWhereOneIsAskedFor() async throws {
        try await withEdge { edge in
            let answer = try await edge.request("GET", "/?department=Letters+%26+Arts", Self.browser)
            #expect(answer.body.contains("/faculty/2"))
            #expect(!answer.body.contains("/faculty/3"))
        }
    }

    @Test func showAPersonsSheet() async throws {
        try await withEdge { edge in
            let answer = try await edge.request("GET", "/faculty/3", Self.browser)
            #expect(answer.status == 200)
            #expect(answer.body.contains("Prof. Person 3"))
        }
    }

    @Test func speakTheLanguageThatIsChosenRememberedOrAskedFor() async throws {
        try await withEdge { edge in
            let chosen = try await edge.request("GET", "/?lang=fil", Self.browser)
            #expect(chosen.body.contains(#"lang="fil""#))
            #expect(chosen.fields["set-cookie"]?.hasPrefix("lang=fil;") == true)
            let remembered = try await edge.request("GET", "/", ["Cookie": "lang=fil"])
            #expect(remembered.body.contains(#"lang="fil""#))
            let asked = try await edge.request("GET", "/", ["Accept-Language": "fil-PH, en;q=0.5"])
            #expect(asked.body.contains(#"lang="fil""#))
            let kiosk = try await edge.request("GET", "/kiosk?lang=fil", Self.browser)
            #expect(kiosk.body.contains(#"lang="fil""#) && kiosk.fields["set-cookie"] == nil)
        }
    }

    @Test(arguments: [
        ("/nowhere", 404), ("/faculty/99", 404), ("/faculty/x", 404), ("/?at-least=nonsense", 400),
        ("/kiosk?at-least=anotherpast1-1", 409),
    ])
    func sayWhatCouldNotBeShownAsAPageToABrowserAndAsAProblemToAProgram(_ target: String, _ status: Int) async throws {
        try await withEdge { edge in
            let page = try await edge.request("GET", target, Self.browser)
            #expect(page.status == status)
            #expect(page.fields["content-type"] == "text/html; charset=utf-8")
            #expect(page.body.contains("<html"))
            let problem = try await edge.request("GET", target)
            #expect(problem.status == status)
            #expect(try problem.json()["status"] as? Int == status)
        }
    }

    @Test func aPageForARevisionThatDoesNotComeIs503() async throws {
        var limits = WebLimits()
        limits.readWait = .milliseconds(50)
        try await withEdge(limits) { edge in
            let asked = Revision(edge.tag.revision.number + 1000)
            let answer = try await edge.request("GET", "/?at-least=\(edge.tag(asked))", Self.browser)
            #expect(answer.status == 503)
            #expect(answer.fields["retry-after"] == "1")
            #expect(answer.body.contains("<html"))
        }
    }

    @Test func loadOnlyWhatThisServerServes() async throws {
        try await withEdge { edge in
            let page = try await edge.request("GET", "/", Self.browser).body
            let addresses = page.matches(of: #/(?:href|src)="(\/assets\/[^"#]+)/#).map { String($0.1) }
            #expect(addresses.count >= 3)
            for address in addresses {
                let asset = try await edge.request("GET", address)
                #expect(asset.status == 200, "\(address)")
                #expect(asset.fields["cache-control"] == "public, max-age=31536000, immutable", "\(address)")
                let tag = try #require(asset.fields["etag"])
                let known = try await edge.request("GET", address, ["If-None-Match": tag])
                #expect(known.status == 304, "\(address)")
            }
            #expect(try await edge.request("GET", "/assets/../Package.swift").status == 404)
        }
    }
}
