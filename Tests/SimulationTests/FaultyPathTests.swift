// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit
import Testing

@testable import Simulation

@Suite("The faulty path")
struct FaultyPathTests {
    private static let everything = FaultRates(duplicates: 0.3, reorderings: 0.3, replays: 0.1)

    private func message(_ topic: String, _ number: Int) -> UnitMessage {
        UnitMessage(
            topic: Array(topic.utf8), payload: Array("\(number)".utf8), isAtLeastOnce: true, isRetained: true)
    }

    private func sent(_ topic: String, uptime: UInt64, seed: UInt64) -> (out: [UnitMessage], path: FaultyPath) {
        var path = FaultyPath(rates: Self.everything, random: SeededRandom(seed: seed))
        var out: [UnitMessage] = []
        for number in 0..<500 {
            out += path.send(message(topic, number), at: Uptime(milliseconds: uptime + UInt64(number)))
        }
        return (out + path.flush(), path)
    }

    @Test(arguments: [
        "consultease/v2/unit/load-1/event", "consultease/faculty/1/status", "consultease/faculty/1/responses",
    ])
    func nothingIsLostAndEveryFaultHappens(topic: String) {
        let seed = UInt64.random(in: 0 ... .max)
        let (out, path) = sent(topic, uptime: 1_000_000, seed: seed)
        let numbers = out.compactMap { Int(String(decoding: $0.payload, as: UTF8.self)) }
        #expect(Set(numbers) == Set(0..<500), "seed \(seed)")
        #expect(numbers != numbers.sorted(), "seed \(seed)")
        #expect(numbers.count == 500 + path.counts.duplicates + path.counts.replays, "seed \(seed)")
        #expect(path.counts.duplicates > 0 && path.counts.reorderings > 0 && path.counts.replays > 0, "seed \(seed)")
        // Only the originals keep their retain flag.
        #expect(out.count(where: \.isRetained) == 500, "seed \(seed)")
    }

    @Test(arguments: [
        ("consultease/faculty/1/heartbeat", 1_000_000), ("consultease/v2/unit/load-1/state", 1_000_000),
        ("consultease/faculty/1/status", 2_000),
    ])
    func messagesWithoutAnOrderAreLeftAlone(topic: String, uptime: UInt64) {
        let (out, path) = sent(topic, uptime: uptime, seed: 1)
        #expect(out.map { String(decoding: $0.payload, as: UTF8.self) } == (0..<500).map(String.init))
        #expect(
            path.counts
                == {
                    var counts = FaultyPath.Counts()
                    counts.messages = 500
                    return counts
                }())
    }

    @Test func theSameSeedMakesTheSameFaults() {
        let topic = "consultease/v2/unit/load-1/event"
        #expect(sent(topic, uptime: 0, seed: 7).out == sent(topic, uptime: 0, seed: 7).out)
        #expect(sent(topic, uptime: 0, seed: 7).out != sent(topic, uptime: 0, seed: 8).out)
    }

    @Test func aForgottenPublishIsNeverSentAgain() {
        var path = sent("consultease/v2/unit/load-1/event", uptime: 0, seed: 3).path
        path.forget()
        #expect(path.flush().isEmpty)
        #expect(path.replay() == nil)
    }
}
