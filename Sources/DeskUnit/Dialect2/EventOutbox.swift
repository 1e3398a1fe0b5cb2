// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Holds the events that the database has not acknowledged, in the order of their `seq`.
///
/// An event stays until an `ack` names it: the broker's acknowledgement is not enough. It is sent again 10 s after the
/// last time, and at every reconnect. At most `limit` events stay. A further event displaces the oldest one that is no
/// answer. Answers are never displaced: if all events are answers, a new event is refused, and the panel says so.
///
/// Answers survive a restart with the boot and seq that they had. Until all of them are acknowledged, nothing of the
/// new boot is sent; otherwise the server could take the older boot for the newer one.
struct EventOutbox: Sendable {
    private(set) var entries: [Entry] = []
    private var nextSeq: UInt64 = 1
    let boot: BootName

    static let limit = 64
    static let resendAfter: UInt64 = 10_000

    struct Entry: Equatable, Sendable {
        let boot: BootName
        let seq: UInt64
        let kind: Kind
        let payload: [UInt8]
        /// Nil if the event must be sent at once.
        var sentAt: Uptime?
    }

    enum Kind: Equatable, Sendable {
        case presence
        case answer(consultation: [UInt8])
        case shown
        case beat

        var isAnswer: Bool {
            if case .answer = self { return true }
            return false
        }
    }

    /// - Parameter kept: the unacknowledged events of the previous start; only the answers are kept.
    init(boot: BootName, keeping kept: [Entry] = []) {
        self.boot = boot
        for entry in kept where entry.kind.isAnswer {
            var entry = entry
            entry.sentAt = nil
            entries.append(entry)
        }
    }

    var answerCount: Int {
        var count = 0
        for entry in entries where entry.kind.isAnswer { count += 1 }
        return count
    }

    func contains(_ kind: Kind) -> Bool {
        for entry in entries where entry.kind == kind { return true }
        return false
    }

    /// Adds an event. Returns false if there is no room; then nothing is added, and no seq is used.
    mutating func add(_ kind: Kind, at now: Uptime, fields: (inout JSONWriter) -> Void) -> Bool {
        if entries.count >= Self.limit {
            guard let oldest = entries.firstIndex(where: { !$0.kind.isAnswer }) else { return false }
            entries.remove(at: oldest)
        }
        var json = JSONWriter()
        json.text("boot", boot.hex)
        json.number("seq", nextSeq)
        json.number("up", now.milliseconds)
        fields(&json)
        entries.append(Entry(boot: boot, seq: nextSeq, kind: kind, payload: json.finished, sentAt: nil))
        nextSeq += 1
        return true
    }

    /// Returns the payloads to send now, oldest first, and counts them as sent.
    mutating func due(at now: Uptime) -> [[UInt8]] {
        guard let first = entries.first else { return [] }
        var payloads: [[UInt8]] = []
        for index in entries.indices where entries[index].boot == first.boot {
            if let sentAt = entries[index].sentAt, now.elapsed(since: sentAt) < Self.resendAfter { continue }
            entries[index].sentAt = now
            payloads.append(entries[index].payload)
        }
        return payloads
    }

    /// Makes every event due again at the next connection.
    mutating func connectionLost() {
        for index in entries.indices { entries[index].sentAt = nil }
    }

    /// Removes the event that an `ack` names, and returns its kind; nil if no such event waits.
    mutating func acknowledge(boot: [UInt8], seq: UInt64) -> Kind? {
        guard let index = entries.firstIndex(where: { $0.seq == seq && $0.boot.hex == boot }) else { return nil }
        return entries.remove(at: index).kind
    }
}
