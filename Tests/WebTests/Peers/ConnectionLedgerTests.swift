// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Web

@Suite("The decision on one more connection")
struct ConnectionLedgerTests {
    private let start = ContinuousClock.now
    private let attacker = peer("192.0.2.1")
    private let visitor = peer("192.0.2.2")

    private static func peer(_ text: String) -> Peer? { IPAddress(text).map(Peer.init) }

    private func ledger(total: Int, share: Int) -> ConnectionLedger {
        ConnectionLedger(total: total, share: share, answerTimeout: .seconds(10))
    }

    @Test func atItsShareAPeerGivesUpItsOwnSilentConnection() {
        var ledger = ledger(total: 10, share: 2)
        #expect(ledger.admit(attacker, at: start) == .admitted(1, insteadOf: nil))
        #expect(ledger.admit(attacker, at: start + .seconds(1)) == .admitted(2, insteadOf: nil))
        #expect(ledger.admit(visitor, at: start + .seconds(1)) == .admitted(3, insteadOf: nil))
        #expect(ledger.admit(attacker, at: start + .seconds(2)) == .admitted(4, insteadOf: 1))
        #expect(ledger.count == 3)
    }

    @Test func aPeerWhoseConnectionsAreAllInUseIsRefused() {
        var ledger = ledger(total: 10, share: 2)
        _ = ledger.admit(attacker, at: start)
        _ = ledger.admit(attacker, at: start)
        ledger.set(1, .streaming, at: start)
        ledger.set(2, .answering, at: start)
        #expect(ledger.admit(attacker, at: start + .seconds(1)) == .refused(.share))
        #expect(ledger.admit(visitor, at: start + .seconds(1)) == .admitted(3, insteadOf: nil))
    }

    @Test func anAnswerThatIsNotReadIsGivenUpAndAStreamNever() {
        var ledger = ledger(total: 2, share: 2)
        _ = ledger.admit(attacker, at: start)
        _ = ledger.admit(attacker, at: start)
        ledger.set(1, .streaming, at: start)
        ledger.set(2, .answering, at: start)
        #expect(ledger.admit(visitor, at: start + .seconds(9)) == .refused(.full))
        #expect(ledger.admit(visitor, at: start + .seconds(11)) == .admitted(3, insteadOf: 2))
    }

    @Test func ofTheWholeThePeerThatHoldsMostGivesFirst() {
        var ledger = ledger(total: 4, share: 4)
        // The visitor's connection waits longest, and the proxy's has no share to exceed.
        _ = ledger.admit(visitor, at: start)
        _ = ledger.admit(nil, at: start)
        _ = ledger.admit(attacker, at: start + .seconds(1))
        _ = ledger.admit(attacker, at: start + .seconds(2))
        #expect(ledger.admit(visitor, at: start + .seconds(3)) == .admitted(5, insteadOf: 3))
    }

    @Test func aConnectionThatHasLeftIsCountedNoMore() {
        var ledger = ledger(total: 1, share: 1)
        _ = ledger.admit(attacker, at: start)
        ledger.leave(1)
        ledger.leave(1)
        #expect(ledger.count == 0)
        ledger.set(1, .streaming, at: start)
        #expect(ledger.admit(attacker, at: start) == .admitted(2, insteadOf: nil))
    }

    @Test(arguments: [24, 200, 256, 1024, 2000])
    func limitsLeaveDescriptorsForAllElse(_ descriptors: Int) {
        let limits = WebLimits().fitted(toDescriptors: descriptors)
        #expect(limits.connections <= descriptors - min(128, descriptors / 2))
        #expect(limits.openStreams < limits.connections)
        #expect(limits.streamsOfOnePeer + limits.connectionsBesideStreams < limits.connections)
    }

    @Test func enoughDescriptorsChangeNothing() {
        #expect(WebLimits().fitted(toDescriptors: 65_536).connections == WebLimits().connections)
        #expect(WebLimits().fitted(toDescriptors: nil).connections == WebLimits().connections)
    }
}
