// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule

/// The QoS 1 messages on their way to the server: waiting, sent but unacknowledged, and due again.
///
/// Sent messages are session state and survive the connection. If the session is resumed, the client sends them again,
/// in their original order, with their identifiers and DUP, before new ones (4.4.0-1). The owner bounds the queue.
struct SendQueue: Sendable {
    typealias Token = UInt64

    struct Message: Hashable, Sendable {
        var topic: String
        var payload: [UInt8]
        var isRetained: Bool
        var properties: Properties
    }

    struct Entry: Sendable {
        let message: Message
        /// Nil after the caller has stopped waiting for the outcome.
        var token: Token?
        /// Rises in the order of first sending.
        fileprivate var order: UInt64
        /// Whether the message was sent on this connection, and so uses quota.
        fileprivate var holdsQuota: Bool
    }

    private var waiting: Deque<Entry> = []
    private var sent: [PacketID: Entry] = [:]
    private var resending: Deque<PacketID> = []
    private var nextOrder: UInt64 = 0
    private var quota = 0
    private var initialQuota = 0

    var count: Int { waiting.count + sent.count }

    mutating func append(_ message: Message, token: Token) {
        waiting.append(Entry(message: message, token: token, order: 0, holdsQuota: false))
    }

    /// Begins a connection that resumed the session: every sent message is due again.
    mutating func resume(receiveMaximum: Int) {
        begin(receiveMaximum)
        resending = Deque(sent.sorted { $0.value.order < $1.value.order }.map(\.key))
    }

    /// Begins a connection with a new session, and gives up the messages sent in the old one. Returns the tokens of
    /// their callers, in order.
    mutating func restart(receiveMaximum: Int, ids: inout PacketIDPool) -> [Token] {
        begin(receiveMaximum)
        let lost = sent.sorted { $0.value.order < $1.value.order }
        for (id, _) in lost { ids.free(id) }
        sent = [:]
        return lost.compactMap(\.value.token)
    }

    /// Stops sending until the next connection.
    mutating func suspend() {
        quota = 0
        initialQuota = 0
        resending = []
        for id in Array(sent.keys) { sent[id]?.holdsQuota = false }
    }

    /// Returns the next PUBLISH to send, if the quota allows one; each uses one unit of quota (4.9.0-2).
    mutating func next(ids: inout PacketIDPool) -> Publish? {
        guard quota > 0 else { return nil }
        while let id = resending.popFirst() {
            guard let message = sent[id]?.message else { continue }
            sent[id]?.holdsQuota = true
            quota -= 1
            return Self.packet(message, id, isDuplicate: true)
        }
        guard !waiting.isEmpty, let id = ids.take(), var entry = waiting.popFirst() else { return nil }
        entry.order = nextOrder
        entry.holdsQuota = true
        nextOrder += 1
        quota -= 1
        sent[id] = entry
        return Self.packet(entry.message, id, isDuplicate: false)
    }

    /// Ends a message at PUBACK, or when it is given up: frees its identifier and its quota. Nil if no message has that
    /// identifier.
    mutating func finish(_ id: PacketID, ids: inout PacketIDPool) -> Entry? {
        guard let entry = sent.removeValue(forKey: id) else { return nil }
        ids.free(id)
        if entry.holdsQuota { quota = min(quota + 1, initialQuota) }
        return entry
    }

    /// Forgets a caller that no longer waits. A message that was not sent yet is dropped.
    mutating func forget(_ token: Token) {
        if let index = waiting.firstIndex(where: { $0.token == token }) {
            waiting.remove(at: index)
        } else if let id = sent.first(where: { $0.value.token == token })?.key {
            sent[id]?.token = nil
        }
    }

    func isSent(_ id: PacketID) -> Bool { sent[id] != nil }

    private mutating func begin(_ receiveMaximum: Int) {
        quota = receiveMaximum
        initialQuota = receiveMaximum
        resending = []
        for id in Array(sent.keys) { sent[id]?.holdsQuota = false }
    }

    private static func packet(_ message: Message, _ id: PacketID, isDuplicate: Bool) -> Publish {
        Publish(
            topic: message.topic, payload: message.payload, delivery: .atLeastOnce(id, isDuplicate: isDuplicate),
            isRetained: message.isRetained, properties: message.properties)
    }
}
