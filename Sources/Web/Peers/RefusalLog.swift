// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import Metrics
import Synchronization

/// Why a connection or a stream was refused, or was closed before its request was whole.
enum RefusalReason: String, Sendable {
    /// The peer has its whole share.
    case share
    /// The server has as many as it may.
    case full
    /// It waited without a request while its place was needed.
    case displaced
    /// Its request was not whole in time.
    case late

    /// How many of one peer in a minute are worth a line: browsers open connections that they never use.
    fileprivate var threshold: Int {
        switch self {
        case .share, .full: 1
        case .displaced, .late: 20
        }
    }
}

/// Counts refusals, and tells of them in the log: once for a peer and reason, then at most once a minute.
///
/// Bounded: it remembers `capacity` pairs; a refusal of one more is counted and not logged.
final class RefusalLog: Sendable {
    private struct Key: Hashable {
        let what: String
        let reason: RefusalReason
        let peer: Peer?
    }

    private struct Entry {
        var start: ContinuousClock.Instant
        var count = 0
        var isSaid = false
    }

    private static let capacity = 256
    private static let interval = Duration.seconds(60)

    private let logger: Logger
    private let entries = Mutex<[Key: Entry]>([:])

    init(logger: Logger) {
        self.logger = logger
    }

    func connection(_ reason: RefusalReason, _ peer: Peer?) {
        Counter(label: "consultease.connections.refused", dimensions: [("reason", reason.rawValue)]).increment()
        guard let count = count(Key(what: "connection", reason: reason, peer: peer), at: .now) else { return }
        logger.warning("Connections of one address were refused or closed", metadata: Self.facts(reason, peer, count))
    }

    func stream(_ reason: RefusalReason, _ peer: Peer?) {
        Counter(label: "consultease.streams.refused", dimensions: [("reason", reason.rawValue)]).increment()
        guard let count = count(Key(what: "stream", reason: reason, peer: peer), at: .now) else { return }
        logger.warning(
            "Event streams of one address were refused; name it by --proxies if it is a proxy, or raise --peer-streams",
            metadata: Self.facts(reason, peer, count))
    }

    private static func facts(_ reason: RefusalReason, _ peer: Peer?, _ count: Int) -> Logger.Metadata {
        ["reason": "\(reason.rawValue)", "address": "\(peer?.description ?? "unknown")", "count": "\(count)"]
    }

    /// How many are to be told of; nil if there is nothing to say now.
    private func count(_ key: Key, at now: ContinuousClock.Instant) -> Int? {
        entries.withLock { entries in
            if entries[key] == nil, entries.count >= Self.capacity {
                entries = entries.filter { now - $0.value.start < Self.interval }
                guard entries.count < Self.capacity else { return nil }
            }
            var entry = entries[key] ?? Entry(start: now)
            let isOver = now - entry.start >= Self.interval
            if isOver, !entry.isSaid { entry = Entry(start: now) }
            entry.count += 1
            defer { entries[key] = entry }
            guard entry.isSaid ? isOver : entry.count >= key.reason.threshold else { return nil }
            let told = entry.count
            entry = Entry(start: now, isSaid: true)
            return told
        }
    }
}
