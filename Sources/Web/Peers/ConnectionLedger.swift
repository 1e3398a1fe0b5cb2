// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The open connections, and the decision on one more: no peer has more than its share, and a connection that does
/// nothing makes room for one that comes.
///
/// At a limit, the connection that waited longest without a request is given up, so silent connections never keep a
/// request out. Of the whole, the peer that holds most gives first. One that was answered for longer than
/// `answerTimeout` is given up too, streams never.
struct ConnectionLedger {
    typealias ID = Int
    typealias Instant = ContinuousClock.Instant

    enum Phase: Equatable {
        /// No whole request was read since the last answer.
        case waiting
        case answering
        case streaming
    }

    enum Admission: Equatable {
        case admitted(ID, insteadOf: ID?)
        case refused(RefusalReason)
    }

    private struct Entry {
        let peer: Peer?
        var phase = Phase.waiting
        var since: Instant
    }

    private let total: Int
    private let share: Int
    private let answerTimeout: Duration
    private var entries: [ID: Entry] = [:]
    private var counts: [Peer: Int] = [:]
    private var last = 0

    init(total: Int, share: Int, answerTimeout: Duration) {
        self.total = total
        self.share = share
        self.answerTimeout = answerTimeout
    }

    var count: Int { entries.count }

    /// `peer` is nil for a proxy, and for what has no address: such a connection is held to the whole limit alone.
    mutating func admit(_ peer: Peer?, at now: Instant) -> Admission {
        var victim: ID?
        if let peer, counts[peer, default: 0] >= share {
            guard let found = leastUseful(at: now, of: peer) else { return .refused(.share) }
            victim = found
        } else if entries.count >= total {
            guard let found = leastUseful(at: now) else { return .refused(.full) }
            victim = found
        }
        if let victim { leave(victim) }
        last += 1
        entries[last] = Entry(peer: peer, since: now)
        if let peer { counts[peer, default: 0] += 1 }
        return .admitted(last, insteadOf: victim)
    }

    /// Does nothing if the connection has gone.
    mutating func set(_ id: ID, _ phase: Phase, at now: Instant) {
        entries[id]?.phase = phase
        entries[id]?.since = now
    }

    mutating func leave(_ id: ID) {
        guard let peer = entries.removeValue(forKey: id)?.peer else { return }
        let left = counts[peer, default: 0] - 1
        counts[peer] = left > 0 ? left : nil
    }

    func peer(of id: ID) -> Peer? { entries[id]?.peer }

    /// The connection to give up; nil if each is in use. A linear search, made only at a limit.
    func leastUseful(at now: Instant, of peer: Peer? = nil) -> ID? {
        var best: (id: ID, rank: (Int, Int), since: Instant)?
        for (id, entry) in entries where peer == nil || entry.peer == peer {
            let isWaiting = entry.phase == .waiting
            guard isWaiting || entry.phase == .answering && now - entry.since > answerTimeout else { continue }
            let rank = (isWaiting ? 1 : 0, entry.peer.map { counts[$0, default: 0] } ?? 0)
            if let known = best {
                guard rank > known.rank || rank == known.rank && entry.since < known.since else { continue }
            }
            best = (id, rank, entry.since)
        }
        return best?.id
    }
}
