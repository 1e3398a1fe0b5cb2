// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

extension ConnectionDriver {
    /// One timer, at the earliest moment that can matter; what was sent meanwhile is looked at when it fires.
    func scheduleKeepAlive() {
        keepAliveTimer?.cancel()
        keepAliveTimer = nil
        guard !isClosing, let deadline = keepAlive?.nextDeadline else { return }
        keepAliveTimer = eventLoop.scheduleTask(deadline: deadline) {
            self.assumeIsolated { $0.keepAliveFired() }
        }
    }

    private func keepAliveFired() {
        guard !isClosing, !isGone else { return }
        switch keepAlive?.due(at: eventLoop.now) {
        case .ping:
            machine.counters.pingsSent += 1
            perform(.send(.pingreq))
            publishStatus()
            flush()
        case .timeout: handle(.timedOut(.pingresp))
        case .nothing, nil: break
        }
        scheduleKeepAlive()
    }

    /// For CONNACK, then for SUBACK.
    func startAnswerTimer(_ what: ConnectionEnd.TimedOut) {
        answerTimer?.cancel()
        answerTimer = eventLoop.scheduleTask(in: TimeAmount(configuration.connectTimeout)) {
            self.assumeIsolated { $0.handle(.timedOut(what)) }
        }
    }

    func cancelTimers() {
        keepAliveTimer?.cancel()
        keepAliveTimer = nil
        answerTimer?.cancel()
        answerTimer = nil
        keepAlive = nil
    }
}
