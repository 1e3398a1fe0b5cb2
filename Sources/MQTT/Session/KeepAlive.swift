// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Decides when to send PINGREQ, and when to stop waiting for the answer.
///
/// A PINGREQ is due after three quarters of the interval without sending, so that one leaves within the interval
/// (3.1.2-20). While the socket is not read, no answer can be seen: PINGREQ still goes out, and the time until the
/// deadline stops.
struct KeepAlive: Sendable {
    enum Due: Hashable, Sendable {
        case nothing
        case ping
        case timeout
    }

    /// The time without sending after which a PINGREQ is due; nil turns pings off.
    private let pingAfter: TimeAmount?
    private let responseTimeout: TimeAmount
    private var lastSent: NIODeadline
    /// When the wait for an answer began; moved forward by the time in which the socket was not read.
    private var waitingSince: NIODeadline?
    private var isReading = true

    init(seconds: UInt16, responseTimeout: TimeAmount, now: NIODeadline) {
        pingAfter = seconds == 0 ? nil : .milliseconds(Int64(seconds) * 750)
        self.responseTimeout = responseTimeout
        lastSent = now
    }

    /// When to ask `due` again; nil if never.
    var nextDeadline: NIODeadline? {
        let response = isReading ? waitingSince.map { $0 + responseTimeout } : nil
        let ping = pingAfter.map { lastSent + $0 }
        guard let response else { return ping }
        return ping.map { min($0, response) } ?? response
    }

    mutating func sent(at now: NIODeadline) { lastSent = now }

    /// Returns false if no answer was expected.
    mutating func answered() -> Bool {
        defer { waitingSince = nil }
        return waitingSince != nil
    }

    mutating func setReading(_ isReading: Bool, at now: NIODeadline) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        if isReading, waitingSince != nil { waitingSince = now }
    }

    /// Returns what must be done now, and counts a returned `.ping` as sent.
    mutating func due(at now: NIODeadline) -> Due {
        if isReading, let waitingSince, now >= waitingSince + responseTimeout { return .timeout }
        guard let pingAfter, now >= lastSent + pingAfter else { return .nothing }
        lastSent = now
        if waitingSince == nil { waitingSince = now }
        return .ping
    }
}
