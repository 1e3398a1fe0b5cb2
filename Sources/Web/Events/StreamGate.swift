// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Metrics
import Synchronization

/// Counts the open streams and holds them to a limit, and those of each peer to its share.
///
/// The share shrinks as streams become scarce: a peer may have no more streams than are still free. So a few peers
/// can't take every stream, and the last ones go to peers that have few.
final class StreamGate: Sendable {
    private struct Open {
        var total = 0
        var ofPeer: [Peer: Int] = [:]
    }

    private let limit: Int
    private let share: Int
    private let log: RefusalLog
    private let open = Mutex(Open())
    private let gauge = Gauge(label: "consultease.streams.open")

    init(limit: Int, share: Int, log: RefusalLog) {
        self.limit = limit
        self.share = share
        self.log = log
    }

    /// Throws the problem to answer with if no more streams may open now; `enter` decides in the end.
    func check(_ peer: Peer?) throws(Problem) {
        switch open.withLock({ refusal($0, peer) }) {
        case nil: return
        case .share:
            log.stream(.share, peer)
            throw Problem.tooManyStreamsOfOneAddress
        case .full, .displaced, .late:
            log.stream(.full, peer)
            throw Problem.tooManyStreams
        }
    }

    func enter(_ peer: Peer?) -> Bool {
        let count = open.withLock { open -> Int? in
            guard refusal(open, peer) == nil else { return nil }
            open.total += 1
            if let peer { open.ofPeer[peer, default: 0] += 1 }
            return open.total
        }
        if let count { gauge.record(count) }
        return count != nil
    }

    func leave(_ peer: Peer?) {
        gauge.record(
            open.withLock { open -> Int in
                open.total -= 1
                if let peer {
                    let left = open.ofPeer[peer, default: 0] - 1
                    open.ofPeer[peer] = left > 0 ? left : nil
                }
                return open.total
            })
    }

    private func refusal(_ open: Open, _ peer: Peer?) -> RefusalReason? {
        guard open.total < limit else { return .full }
        guard let peer else { return nil }
        return open.ofPeer[peer, default: 0] >= min(share, limit - open.total) ? .share : nil
    }
}
