// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// When to send PINGREQ, and when to give up on the answer.
///
/// A PINGREQ is due when nothing was sent for three quarters of the interval, so that one leaves within it (3.1.2-20).
/// While the socket is left unread the answer can't be seen: PINGREQ still goes out, and the deadline stands still.
struct KeepAlive: Sendable {
    enum Due: Hashable, Sendable {
        case nothing
        case ping
        case timeout
    }

    /// Nil is off.
    private let pingAfter: TimeAmount?
    private let responseTimeout: TimeAmount
    private var lastSent: NIODeadline
    /// Since when an answer is waited for, counted only while reading.
    private var waitingSince: NIODeadline?
    private var isReading = true

    init(seconds: UInt16, responseTimeout: TimeAmount, now: NIODeadline) {
        pingAfter = seconds == 0 ? nil : .milliseconds(Int64(seconds) * 750)
        self.responseTimeout = responseTimeout
        lastSent = now
    }

    /// When `due` should be asked again; nil if never.
    var nextDeadline: NIODeadline? {
        let response = isReading ? waitingSince.map { $0 + responseTimeout } : nil
        let ping = pingAfter.map { lastSent + $0 }
        guard let response else { return ping }
        return ping.map { min($0, response) } ?? response
    }

    mutating func sent(at now: NIODeadline) { lastSent = now }

    /// False if no answer was waited for.
    mutating func answered() -> Bool {
        defer { waitingSince = nil }
        return waitingSince != nil
    }

    mutating func setReading(_ isReading: Bool, at now: NIODeadline) {
        guard isReading != self.isReading else { return }
        self.isReading = isReading
        if isReading, waitingSince != nil { waitingSince = now }
    }

    /// What must be done now. `.ping` counts as sent.
    mutating func due(at now: NIODeadline) -> Due {
        if isReading, let waitingSince, now >= waitingSince + responseTimeout { return .timeout }
        guard let pingAfter, now >= lastSent + pingAfter else { return .nothing }
        lastSent = now
        if waitingSince == nil { waitingSince = now }
        return .ping
    }
}
