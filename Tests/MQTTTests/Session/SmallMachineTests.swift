// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import NIOCore
import Testing

@testable import MQTT

@Suite("Acknowledgement ledger")
struct AckLedgerTests {
    /// 4.6.0-2: in any order of acknowledgement, only the head is released.
    @Test func onlyTheHeadIsReleased() {
        var ledger = AckLedger()
        let tickets = (1...4).map { ledger.open(.of($0)) }
        #expect(ledger.acknowledge(tickets[2]) == false)
        #expect(ledger.acknowledge(tickets[1]) == false)
        #expect(ledger.release() == [])
        #expect(ledger.acknowledge(tickets[0]) == true)
        #expect(ledger.acknowledge(tickets[0]) == false, "told once until the release")
        #expect(ledger.release() == [.of(1), .of(2), .of(3)])
        #expect(ledger.openCount == 1)
        #expect(ledger.acknowledge(tickets[3]) == true)
        #expect(ledger.release() == [.of(4)])
    }

    @Test func aTicketOfAnotherConnectionFindsNothing() {
        var ledger = AckLedger()
        let old = ledger.open(.of(1))
        ledger.forgetAll()
        let new = ledger.open(.of(1))
        #expect(ledger.acknowledge(old) == false)
        #expect(ledger.release() == [])
        #expect(ledger.acknowledge(new) == true)
        #expect(ledger.release() == [.of(1)])
        #expect(ledger.acknowledge(new) == false)
        #expect(ledger.release() == [])
    }
}

@Suite("Packet identifiers")
struct PacketIDPoolTests {
    /// 2.2.1-3: the pool gives all 65,535 identifiers, never 0 and never one in use, and then none.
    @Test func identifiersWrapAndRunOut() {
        var pool = PacketIDPool()
        let all = (1...65_535).map { _ in pool.take()?.rawValue }
        #expect(all == (1...65_535).map { UInt16($0) })
        #expect(pool.take() == nil)
        pool.free(.of(7))
        #expect(pool.take() == .of(7))
        #expect(pool.take() == nil)
        pool.free(.of(65_535))
        pool.free(.of(1))
        #expect([pool.take(), pool.take()] == [.of(65_535), .of(1)])
    }

    @Test func aFreedIdentifierIsNotUsedAgainAtOnce() {
        var pool = PacketIDPool()
        #expect(pool.take() == .of(1))
        pool.free(.of(1))
        #expect(pool.take() == .of(2))
    }
}

@Suite("Keep alive")
struct KeepAliveTests {
    static func at(_ seconds: Double) -> NIODeadline { .uptimeNanoseconds(UInt64(1_000_000_000 * (1_000 + seconds))) }

    static func keepAlive(_ seconds: UInt16 = 20) -> KeepAlive {
        KeepAlive(seconds: seconds, responseTimeout: .seconds(10), now: at(0))
    }

    /// 3.1.2-20: a ping leaves within the interval after the last packet sent.
    @Test func aPingLeavesWithinTheInterval() {
        var keepAlive = Self.keepAlive()
        #expect(keepAlive.nextDeadline == Self.at(15))
        #expect(keepAlive.due(at: Self.at(14.9)) == .nothing)
        keepAlive.sent(at: Self.at(10))
        #expect(keepAlive.due(at: Self.at(15)) == .nothing)
        #expect(keepAlive.nextDeadline == Self.at(25))
        #expect(keepAlive.due(at: Self.at(25)) == .ping)
        #expect(keepAlive.nextDeadline == Self.at(35))
        #expect(keepAlive.answered() == true)
        #expect(keepAlive.answered() == false, "nothing was waited for")
        #expect(keepAlive.nextDeadline == Self.at(40))
    }

    @Test func zeroIsOff() {
        var keepAlive = Self.keepAlive(0)
        #expect(keepAlive.nextDeadline == nil)
        #expect(keepAlive.due(at: Self.at(100_000)) == .nothing)
    }

    @Test func anAnswerThatDoesNotComeEndsTheConnection() {
        var keepAlive = Self.keepAlive()
        #expect(keepAlive.due(at: Self.at(15)) == .ping)
        #expect(keepAlive.due(at: Self.at(24.9)) == .nothing)
        #expect(keepAlive.due(at: Self.at(25)) == .timeout)
    }

    /// While the socket is not read, pings go on and the deadline stands still; it starts again with reading.
    @Test func unreadPingsHaveNoDeadline() {
        var keepAlive = Self.keepAlive()
        #expect(keepAlive.due(at: Self.at(15)) == .ping)
        keepAlive.setReading(false, at: Self.at(16))
        #expect(keepAlive.nextDeadline == Self.at(30))
        #expect(keepAlive.due(at: Self.at(30)) == .ping)
        #expect(keepAlive.due(at: Self.at(45)) == .ping)
        keepAlive.setReading(true, at: Self.at(50))
        #expect(keepAlive.due(at: Self.at(59.9)) == .nothing)
        #expect(keepAlive.due(at: Self.at(60)) == .timeout)
    }
}

@Suite("Retry policy")
struct ReconnectPolicyTests {
    let backoff = Backoff(first: .milliseconds(100), cap: .seconds(2), jitter: 0...1)

    @Test func theCeilingDoublesUpToTheCap() {
        var retry = ReconnectPolicy(backoff, stableAfter: .seconds(10))
        let delays = (0..<7).map { _ in
            retry.next(after: .connectFailed("no"), lifetime: nil, randomUnit: 1).delay
        }
        #expect(delays == [100, 200, 400, 800, 1_600, 2_000, 2_000].map { Duration.milliseconds($0) })
        for _ in 0..<100 { _ = retry.next(after: .closedByServer, lifetime: nil, randomUnit: 0) }
        #expect(retry.next(after: .closedByServer, lifetime: nil, randomUnit: 0.5).delay == .seconds(1))
    }

    @Test func aStableConnectionStartsAfresh() {
        var retry = ReconnectPolicy(backoff, stableAfter: .seconds(10))
        for _ in 0..<5 { _ = retry.next(after: .closedByServer, lifetime: .seconds(1), randomUnit: 1) }
        #expect(retry.next(after: .closedByServer, lifetime: .seconds(10), randomUnit: 1).delay == .milliseconds(100))
        #expect(retry.next(after: .closedByServer, lifetime: .seconds(1), randomUnit: 1).delay == .milliseconds(200))
        #expect(retry.next(after: .cut, lifetime: .seconds(1), randomUnit: 1).delay == .milliseconds(100))
    }

    @Test func threeShortLivesInARowLookLikeATakeover() {
        var retry = ReconnectPolicy(backoff, stableAfter: .seconds(10))
        func next(_ end: ConnectionEnd, _ lifetime: Duration?) -> Bool {
            retry.next(after: end, lifetime: lifetime, randomUnit: 0).looksLikeTakeover
        }
        #expect(!next(.closedByServer, .seconds(1)))
        #expect(!next(.disconnectedByServer(.sessionTakenOver, reason: nil), .seconds(1)))
        #expect(next(.closedByServer, .seconds(1)))
        #expect(!next(.connectFailed("no"), nil))
        #expect(!next(.closedByServer, .seconds(1)))
        #expect(!next(.closedByServer, .seconds(1)))
        #expect(!next(.closedByServer, .seconds(20)))
        #expect(!next(.closedByServer, .seconds(1)))
    }
}
