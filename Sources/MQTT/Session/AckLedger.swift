// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule

/// The QoS 1 messages of one connection that are not yet acknowledged to the server, in order of arrival.
///
/// The application may acknowledge in any order; what is released to the server is always the head (4.6.0-2). Tickets
/// are never given twice, so one from an earlier connection, or a second use, finds nothing.
struct AckLedger: Sendable {
    struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Entry: Sendable {
        let packetID: PacketID
        var isAcknowledged = false
    }

    private var entries: Deque<Entry> = []
    /// The number of the first entry.
    private var base: UInt64 = 0
    private var isReleaseDue = false

    /// Messages that the server counts as unacknowledged.
    var openCount: Int { entries.count }

    mutating func open(_ packetID: PacketID) -> Ticket {
        entries.append(Entry(packetID: packetID))
        return Ticket(number: base + UInt64(entries.count - 1))
    }

    /// True if the head can now be released and the caller hasn't been told so since the last release.
    mutating func acknowledge(_ ticket: Ticket) -> Bool {
        guard ticket.number >= base, ticket.number - base < UInt64(entries.count) else { return false }
        entries[Int(ticket.number - base)].isAcknowledged = true
        guard ticket.number == base, !isReleaseDue else { return false }
        isReleaseDue = true
        return true
    }

    /// Takes out all acknowledged messages at the head, oldest first.
    mutating func release() -> [PacketID] {
        isReleaseDue = false
        let count = entries.firstIndex { !$0.isAcknowledged } ?? entries.count
        let released = entries.prefix(count).map(\.packetID)
        entries.removeFirst(count)
        base += UInt64(count)
        return released
    }

    /// The connection is gone: the server will send all of them again.
    mutating func forgetAll() {
        base += UInt64(entries.count)
        entries.removeAll(keepingCapacity: true)
        isReleaseDue = false
    }
}
