// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import Wire

/// Bounds a message's time in the broker's queue; MQTT carries no send time. Pure.
///
/// A *call* is a message of our own, published every few seconds; its *echo* is the same message heard again. A broker
/// keeps one queue per session, so a message that arrives after an echo, on the call's own connection, was sent after
/// the call. Before the first echo nothing is known: a message may be as old as the session. See
/// docs/decisions/0016-echoes.md.
struct QueueAgeEstimator: Sendable {
    static let topic = "consultease/server/echo"

    /// One look at both clocks: the store's, which may be scaled, and this machine's.
    struct Moment: Sendable {
        let clock: ClockReading
        let instant: ContinuousClock.Instant
    }

    /// Tells this process's echoes from those of others; it must be secret before the first call.
    private let caller: String
    /// The number of the connection that `underWay` and `latest` are of.
    private var connection = 0
    private(set) var calls = 0
    /// Calls of this connection without an echo so far, but for those that a later echo has overtaken.
    private var underWay: [Int: Call] = [:]
    /// When the last call of this connection was made.
    private var lastCall: ContinuousClock.Instant?
    /// The call whose echo was heard last.
    private var latest: Moment?

    /// How much older than its arrival a message may be and yet count as said then: a few calls.
    static let freshness = Duration.seconds(15)
    /// How long an echo may take before an operator is told.
    static let echoTimeout = Duration.seconds(30)
    /// The messages that arrived on this connection before its first echo.
    private var backlog = (onceOnly: 0, all: 0)
    /// When the connection was last made anew for what the broker withheld, and whether an echo has come since.
    private var renewal: (at: ContinuousClock.Instant, helped: Bool)?
    private static let manyUnderWay = 120
    /// How often to call while a call waits for its echo: what is dropped between two calls is overtaken by no echo.
    private static let backlogInterval = Duration.milliseconds(500)

    private struct Call {
        let moment: Moment
        var isAcknowledged = false
    }
    /// The bound of calls without an echo.
    private static let mostUnderWay = 4096

    init(caller: String) {
        self.caller = caller
    }

    /// What to publish; nil if it is not time. While a call waits for its echo, calls are made more often, so that a
    /// queue that is full for a moment drops one of them; once many wait, one a minute is enough, and fills no queue.
    ///
    /// - Parameter interval: how often to call while echoes come at once.
    mutating func call(on connection: Int, at moment: Moment, every interval: Duration = .zero) -> [UInt8]? {
        turn(to: connection)
        if let lastCall {
            var pause = interval
            if underWay.count >= Self.manyUnderWay {
                pause = .seconds(60)
            } else if latest != nil, underWay[calls] != nil {
                pause = min(interval, Self.backlogInterval)
            }
            guard lastCall.duration(to: moment.instant) >= pause else { return nil }
        }
        lastCall = moment.instant
        calls += 1
        if underWay.count == Self.mostUnderWay { underWay = [:] }
        underWay[calls] = Call(moment: moment)
        return Array("\(caller) \(calls)".utf8)
    }

    /// How many calls the broker has acknowledged and dropped: an echo of a later one overtook them.
    private(set) var overtaken = 0

    /// Whether a message of our topic is a server's call, this one's or another's. Must be told in the order of
    /// arrival.
    mutating func hear(_ payload: [UInt8], on connection: Int) -> Bool {
        let parts = payload.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == caller.utf8.count,
            let number = Int(String(decoding: parts[1], as: UTF8.self))
        else { return false }
        turn(to: connection)
        guard connection == self.connection, parts[0].elementsEqual(caller.utf8), let call = underWay[number] else {
            return true
        }
        latest = call.moment
        // What the broker withholds until the next connection is late, and not dropped: see `mustRenew`.
        if !isWithheld(beyond: Int(DeskEdge.receiveMaximum)) {
            overtaken += underWay.count { $0.key < number && $0.value.isAcknowledged }
        }
        renewal?.helped = true
        underWay = underWay.filter { $0.key > number }
        return true
    }

    /// - Parameter isRepeated: whether the broker may have sent it before: then it came before what was heard since.
    mutating func age(on connection: Int, isRepeated: Bool, at moment: Moment) -> Delivery.Age {
        turn(to: connection)
        guard connection == self.connection, !isRepeated, let latest else { return .unknown }
        guard latest.instant.duration(to: moment.instant) > Self.freshness else { return .fresh }
        return .upTo(max(.zero, moment.clock.moment - moment.clock.corrected(latest.clock)))
    }

    /// A broker may begin a connection with what it had sent before, and need not say so.
    private mutating func turn(to connection: Int) {
        guard connection > self.connection else { return }
        self.connection = connection
        (latest, underWay, lastCall, backlog) = (nil, [:], nil, (0, 0))
    }

    /// A message that is no echo has come.
    mutating func note(onceOnly: Bool, on connection: Int) {
        turn(to: connection)
        guard connection == self.connection, latest == nil else { return }
        backlog.all += 1
        if onceOnly { backlog.onceOnly += 1 }
    }

    /// The broker has acknowledged a call: its echo was sent before that, or is withheld.
    mutating func acknowledge(_ call: Int, on connection: Int) {
        guard connection == self.connection else { return }
        underWay[call]?.isAcknowledged = true
    }

    /// Whether the connection has to be made anew, since the broker may withhold what it has for us.
    ///
    /// mosquitto 2.0 counts what waited in QoS 0 against Receive Maximum as it resumes a session. If so much waited,
    /// some of what waited in QoS 1 is taken for sent, and comes with the next connection only. What waited in QoS 0
    /// has been read by the first echo, so nothing of it is lost by a cut then.
    ///
    /// - Parameter open: messages of QoS 1 that came and are not acknowledged.
    mutating func mustRenew(open: Int, receiveMaximum: Int, at instant: ContinuousClock.Instant) -> Bool {
        guard isWithheld(beyond: receiveMaximum) else { return false }
        let isHeard = latest != nil
        // With two calls acknowledged, nothing open and no echo, echoes themselves are withheld.
        guard isHeard || (open == 0 && underWay.values.count { $0.isAcknowledged } >= 2) else { return false }
        if let renewal {
            // A broker that returns no echoes at all is not helped; and no storm of connections under a flood.
            guard isHeard || renewal.helped, renewal.at.duration(to: instant) > .seconds(60) else { return false }
        }
        renewal = (instant, false)
        return true
    }

    /// Whether so much waited in QoS 0 as this connection began that the broker may have taken some of QoS 1 for sent.
    private func isWithheld(beyond receiveMaximum: Int) -> Bool {
        backlog.onceOnly > 0 && backlog.all >= receiveMaximum
    }

    /// Since when no echo has come, if that is longer than it may take: at first not at all, later a few calls. Nil if
    /// all is well, and before the first call.
    func silence(at instant: ContinuousClock.Instant) -> Timestamp? {
        guard let first = underWay.min(by: { $0.key < $1.key })?.value.moment else { return nil }
        guard latest == nil || first.instant.duration(to: instant) > Self.echoTimeout else { return nil }
        return first.clock.moment
    }

    /// Whether it is known how old at least something can be.
    func hasHeard(on connection: Int) -> Bool { connection == self.connection && latest != nil }
}
