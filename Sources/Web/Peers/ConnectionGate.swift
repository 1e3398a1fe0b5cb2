// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import Metrics
import NIOCore
import Synchronization

/// Admits connections, closes those that are given up for others, and tells of both.
final class ConnectionGate: Sendable {
    private struct State {
        var ledger: ConnectionLedger
        var channels: [ConnectionLedger.ID: any Channel] = [:]
        var isExhausted = false
    }

    enum Entrance {
        case admitted(ConnectionLedger.ID)
        case refused(RefusalReason)
    }

    private let proxies: ProxyList
    private let logger: Logger
    private let log: RefusalLog
    private let state: Mutex<State>
    private let gauge = Gauge(label: "consultease.connections.open")

    init(limits: WebLimits, proxies: ProxyList, logger: Logger) {
        self.proxies = proxies
        self.logger = logger
        log = RefusalLog(logger: logger)
        state = Mutex(
            State(
                ledger: ConnectionLedger(
                    total: limits.connections, share: limits.streamsOfOnePeer + limits.connectionsBesideStreams,
                    answerTimeout: limits.stalledWrite)))
    }

    func enter(_ channel: any Channel) -> Entrance {
        let peer = peer(of: channel)
        let (entrance, given, isRelieved) = state.withLock { state -> (Entrance, (any Channel, Peer?)?, Bool) in
            let isRelieved = state.isExhausted
            state.isExhausted = false
            let holders = state.ledger
            switch state.ledger.admit(peer, at: .now) {
            case .refused(let reason):
                return (.refused(reason), nil, isRelieved)
            case .admitted(let id, let victim):
                state.channels[id] = channel
                let given = victim.flatMap { victim in
                    state.channels.removeValue(forKey: victim).map { ($0, holders.peer(of: victim)) }
                }
                return (.admitted(id), given, isRelieved)
            }
        }
        if isRelieved { logger.notice("Connections are accepted again") }
        if let (channel, peer) = given {
            log.connection(.displaced, peer)
            channel.close(promise: nil)
        }
        switch entrance {
        case .refused(let reason): log.connection(reason, peer)
        case .admitted: recordCount()
        }
        return entrance
    }

    func set(_ id: ConnectionLedger.ID, _ phase: ConnectionLedger.Phase) {
        state.withLock { $0.ledger.set(id, phase, at: .now) }
    }

    func leave(_ id: ConnectionLedger.ID) {
        state.withLock { state in
            state.ledger.leave(id)
            state.channels[id] = nil
        }
        recordCount()
    }

    /// Counts a connection that is closed since its request was not whole in time.
    func isLate(_ channel: any Channel) {
        log.connection(.late, peer(of: channel))
    }

    /// The system gave no descriptor for a connection: one that waits is closed, and the log has it once.
    func isExhausted(_ error: IOError) {
        let (isNew, channel) = state.withLock { state -> (Bool, (any Channel)?) in
            defer { state.isExhausted = true }
            let victim = state.ledger.leastUseful(at: .now)
            if let victim { state.ledger.leave(victim) }
            return (!state.isExhausted, victim.flatMap { state.channels.removeValue(forKey: $0) })
        }
        if isNew {
            logger.error(
                "No connection can be accepted, since this process or machine has too many files open; raise LimitNOFILE",
                metadata: ["reason": "\(error)"])
        }
        channel?.close(promise: nil)
    }

    /// Nil for a proxy: it stands for many clients.
    private func peer(of channel: any Channel) -> Peer? {
        guard let address = channel.remoteAddress.flatMap(IPAddress.init), !proxies.names(address) else { return nil }
        return Peer(address)
    }

    private func recordCount() {
        gauge.record(state.withLock { $0.ledger.count })
    }
}
