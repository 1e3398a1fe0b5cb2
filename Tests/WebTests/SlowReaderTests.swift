// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@testable import Web

@Suite("A client that doesn't read its stream", .timeLimit(.minutes(5)))
struct SlowReaderTests {
    /// Returns a text so large that some of them fill every buffer between the board and the reader.
    private static func fat(_ number: Int) -> String {
        "\(number) " + String(repeating: "left, then right; ", count: 2000)
    }

    @Test func getsTheNewestStateAndNoQueue() async throws {
        var limits = WebLimits()
        // The limit is longer than the commits take on a busy machine; nothing is read meanwhile.
        limits.stalledWrite = .seconds(60)
        try await withEdge(limits) { edge in
            let commits = 300
            try await edge.events(receiveBuffer: 8192) { reader in
                let first = try await reader.nextChange().tag.revision
                for number in 1...commits { try await edge.edit(1, directions: Self.fat(number)) }
                let newest = Revision(first.number + Int64(commits))
                try await eventually("the board follows") { edge.tag.revision == newest }
                var shown = first
                var frames = 0
                var widest: Int64 = 0
                while shown < newest {
                    let event = try await reader.nextChange()
                    let revision = try event.tag.revision
                    #expect(revision > shown)
                    widest = max(widest, revision.number - shown.number)
                    frames += 1
                    shown = revision
                    if shown == newest { #expect(event.data.contains(#""directions":"\#(commits) left"#)) }
                }
                // 300 frames are 11 MB. The reader first gets what the buffers hold, then one frame that stands for all
                // missed ones.
                #expect(frames < commits / 4)
                #expect(widest > commits / 2)
            }
        }
    }

    @Test func isCutWhileOtherReadersGetEveryChange() async throws {
        var limits = WebLimits()
        limits.stalledWrite = .milliseconds(300)
        try await withEdge(limits) { edge in
            try await edge.events { healthy in
                _ = try await healthy.nextChange()
                let wasCut = try await edge.events(receiveBuffer: 8192) { stalled in
                    _ = try await stalled.nextChange()
                    var number = 0
                    // The kernel would cut the connection too, but only after 15 s.
                    try await eventually("the stalled reader is cut", within: .seconds(8)) {
                        number += 1
                        let revision = try await edge.edit(1, directions: Self.fat(number))
                        while try await healthy.nextChange().tag.revision < revision {}
                        return edge.board.subscriberCount == 1
                    }
                    do {
                        while try await stalled.next() != nil {}
                        return false
                    } catch {
                        return true
                    }
                }
                #expect(wasCut)
                try await edge.say(.busy, for: 2)
                #expect(try await healthy.nextChange().cards() == [2: "busy"])
            }
        }
    }
}
