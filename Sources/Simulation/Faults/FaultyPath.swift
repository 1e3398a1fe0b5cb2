// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import DeskUnit

/// The way from a unit to its broker, with faults: pure, seeded.
///
/// It makes only histories whose end is the same by the rules in whatever order they arrive (`wire/protocol.md` rules 5
/// and 12–14): events of dialect 2 freely, within what their boots allow; of dialect 1 only statuses whose uptime is
/// above 5 s plus `longestRun`, and responses. Heartbeats are never repeated nor held back: a late one would move the
/// unit's start.
package struct FaultyPath: Sendable {
    private let rates: FaultRates
    private var random: SeededRandom
    /// Overtaken messages, and how many more are to pass each. At most `heldLimit`.
    private var held: [(message: UnitMessage, after: Int)] = []
    /// Copies of what was sent, for late replays: a ring of `memory`.
    private var sent: [UnitMessage] = []
    private var oldest = 0
    package private(set) var counts = Counts()
    /// While true, what is sent goes out once and at once.
    package var isClear = false

    package struct Counts: Sendable, Equatable {
        package var messages = 0
        package var duplicates = 0
        package var reorderings = 0
        package var replays = 0
        package init() {}
    }

    /// Longer than any run in real time, in ms: what rule 5 can't mistake for a restart.
    package static let longestRun: UInt64 = 600_000
    static let heldLimit = 8
    static let memory = 64

    package init(rates: FaultRates, random: SeededRandom) {
        self.rates = rates
        self.random = random
    }

    /// What goes out if the unit wants to send `message` at `uptime`.
    ///
    /// - Parameter isNearStart: whether an old unit's start is told at the same uptime, by a heartbeat or by a restart,
    ///   so
    ///   that rule 5 would take a repetition for news.
    package mutating func send(_ message: UnitMessage, at uptime: Uptime, isNearStart: Bool = false) -> [UnitMessage] {
        counts.messages += 1
        guard !isClear, !isNearStart, Self.mayBeRepeated(message, at: uptime) else { return [message] }
        remember(message)
        var out: [UnitMessage] = []
        if held.count < Self.heldLimit, random.chance(rates.reorderings) {
            counts.reorderings += 1
            held.append((message, Int.random(in: 1...3, using: &random)))
        } else {
            out.append(message)
            out += passed()
        }
        if random.chance(rates.duplicates) {
            counts.duplicates += 1
            if held.count < Self.heldLimit, random.chance(0.5) {
                held.append((copy(message), Int.random(in: 1...3, using: &random)))
            } else {
                out.append(copy(message))
            }
        }
        if random.chance(rates.replays), let replay = replay() { out.append(replay) }
        return out
    }

    /// A message of long ago, again; nil if none may be.
    package mutating func replay() -> UnitMessage? {
        guard let message = sent.randomElement(using: &random) else { return nil }
        counts.replays += 1
        return copy(message)
    }

    /// Whatever is held back, now.
    package mutating func flush() -> [UnitMessage] {
        defer { held = [] }
        return held.map(\.message)
    }

    /// Nothing that was sent before will be sent again: what a restart demands of dialect 1, whose uptimes begin anew,
    /// and of dialect 2 if the database hasn't acknowledged everything of the boot that ends.
    package mutating func forget() {
        held = []
        sent = []
        oldest = 0
    }

    private mutating func passed() -> [UnitMessage] {
        for index in held.indices { held[index].after -= 1 }
        let due = held.filter { $0.after <= 0 }.map(\.message)
        held.removeAll { $0.after <= 0 }
        return due
    }

    private mutating func remember(_ message: UnitMessage) {
        if sent.count < Self.memory {
            sent.append(message)
        } else {
            sent[oldest] = message
            oldest = (oldest + 1) % Self.memory
        }
    }

    /// As a queue replays it: without the retain flag.
    private func copy(_ message: UnitMessage) -> UnitMessage {
        var copy = message
        copy.isRetained = false
        return copy
    }

    private static func mayBeRepeated(_ message: UnitMessage, at uptime: Uptime) -> Bool {
        if ends(message.topic, "/event") { return true }
        guard ends(message.topic, "/status") || ends(message.topic, "/responses") else { return false }
        return uptime.milliseconds > 5_000 + longestRun
    }

    private static func ends(_ topic: [UInt8], _ suffix: String) -> Bool {
        topic.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }
}
