// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule

/// The QoS 1 messages of one connection that are not yet acknowledged to the server, in order of arrival.
///
/// The application may acknowledge in any order, but only messages at the head are released to the server (4.6.0-2).
/// Ticket numbers are never reused, so a ticket of an earlier connection, or a second use, has no effect.
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

    /// The number of messages that the server counts as unacknowledged.
    var openCount: Int { entries.count }

    mutating func open(_ packetID: PacketID) -> Ticket {
        entries.append(Entry(packetID: packetID))
        return Ticket(number: base + UInt64(entries.count - 1))
    }

    /// Returns true if the head can now be released and no call has returned true since the last release.
    mutating func acknowledge(_ ticket: Ticket) -> Bool {
        guard ticket.number >= base, ticket.number - base < UInt64(entries.count) else { return false }
        entries[Int(ticket.number - base)].isAcknowledged = true
        guard ticket.number == base, !isReleaseDue else { return false }
        isReleaseDue = true
        return true
    }

    /// Removes and returns all acknowledged messages at the head, oldest first.
    mutating func release() -> [PacketID] {
        isReleaseDue = false
        let count = entries.firstIndex { !$0.isAcknowledged } ?? entries.count
        let released = entries.prefix(count).map(\.packetID)
        entries.removeFirst(count)
        base += UInt64(count)
        return released
    }

    /// Forgets all messages after the connection has ended: the server will send them again.
    mutating func forgetAll() {
        base += UInt64(entries.count)
        entries.removeAll(keepingCapacity: true)
        isReleaseDue = false
    }
}
