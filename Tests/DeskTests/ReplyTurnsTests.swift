// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing
import Wire

@testable import Desk

@Suite("Replies take turns")
struct ReplyTurnsTests {
    private func reply(_ unit: String, _ seq: Int64) throws -> OwedReply {
        OwedReply(
            reply: UnitReply(
                unit: try #require(UnitID(unit)), boot: try #require(BootID("b0000001")), seq: seq, result: .stored),
            trace: nil)
    }

    private func all(_ turns: inout ReplyTurns) -> [String] {
        var found: [String] = []
        while let next = turns.next() { found.append("\(next.reply.unit) \(next.reply.seq)") }
        return found
    }

    @Test func oneUnitsFloodDelaysAndDropsNoOthersMessages() throws {
        var turns = ReplyTurns(limit: 100, share: 3)
        _ = turns.append(try reply("b", 1))
        for seq in 1...1000 { _ = turns.append(try reply("a", Int64(seq))) }
        _ = turns.append(try reply("b", 2))
        #expect(turns.count == 5)
        let told = all(&turns)
        #expect(told == ["b 1", "a 998", "b 2", "a 999", "a 1000"])
        #expect(turns.count == 0)
    }

    @Test func beyondTheWholeBoundTheNextMessageGivesWay() throws {
        var turns = ReplyTurns(limit: 2, share: 3)
        let (first, second, third) = (try reply("a", 1), try reply("b", 1), try reply("c", 1))
        let drops = [turns.append(first), turns.append(second), turns.append(third)]
        #expect(drops == [false, false, true])
        let told = all(&turns)
        #expect(told == ["b 1", "c 1"])
    }
}
