// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import DeskUnit

/// The path from a unit to its broker, with faults. Pure and seeded.
///
/// It makes only histories that end the same in any order of arrival (`wire/protocol.md` rules 5 and 12–14). Events of
/// dialect 2 are reordered freely within what their boots allow; of dialect 1 only responses and statuses whose uptime
/// is above 5 s plus `longestRun`. Heartbeats are never repeated or delayed: a late one would shift the unit's start.
package struct FaultyPath: Sendable {
    private let rates: FaultRates
    private var random: SeededRandom
    /// Messages that were held back, and how many later ones are still to pass each. At most `heldLimit`.
    private var held: [(message: UnitMessage, after: Int)] = []
    /// Copies of sent messages for late replays: a ring of `memory`.
    private var sent: [UnitMessage] = []
    private var oldest = 0
    package private(set) var counts = Counts()
    /// If true, each message is sent once and at once.
    package var isClear = false

    package struct Counts: Sendable, Equatable {
        package var messages = 0
        package var duplicates = 0
        package var reorderings = 0
        package var replays = 0
        package init() {}
    }

    /// Longer than any run in real time, in ms, so rule 5 can't mistake a late message for a restart.
    package static let longestRun: UInt64 = 600_000
    static let heldLimit = 8
    static let memory = 64

    package init(rates: FaultRates, random: SeededRandom) {
        self.rates = rates
        self.random = random
    }

    /// Returns the messages to send if the unit wants to send `message` at `uptime`.
    ///
    /// - Parameter isNearStart: whether a heartbeat or a restart at the same uptime reveals an old unit's start, so
    ///   that rule 5 would accept a repetition as new.
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

    /// Returns a copy of an old message; nil if there is none.
    package mutating func replay() -> UnitMessage? {
        guard let message = sent.randomElement(using: &random) else { return nil }
        counts.replays += 1
        return copy(message)
    }

    /// Returns the messages held back, and holds none any more.
    package mutating func flush() -> [UnitMessage] {
        defer { held = [] }
        return held.map(\.message)
    }

    /// Forgets all sent messages, so that none is repeated. A restart needs this in dialect 1, whose uptimes start
    /// again, and in dialect 2 if the database has not acknowledged every event of the boot that ends.
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

    /// Copies a message as a queue replays it: without the retain flag.
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
