// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

@Suite("Session machine, subscribing")
struct SubscribingTests {
    private func subscribe(_ actions: [SessionMachine.Action]) -> Subscribe? {
        for case .subscribe(let subscribe) in actions.packets { return subscribe }
        return nil
    }

    @Test func aClientIsReadyWhenAllSubscriptionsStand() {
        var bench = MachineBench(.forTests(filters: ["a", "b"]))
        let actions = bench.connect()
        #expect(actions.contains(.subscribing))
        let id = subscribe(actions)?.packetID ?? .of(999)
        let reply = SubscribeReply(packetID: id, reasonCodes: [.grantedQoS1, .success])
        #expect(
            bench.receive(.suback(reply)) == [
                .note(.subscriptionAtLowerQoS(filter: "b", granted: .atMostOnce)), .ready(sessionResumed: false),
            ])
        var bare = MachineBench()
        #expect(bare.connect().contains(.ready(sessionResumed: false)))
    }

    /// A refusal is reported and ends the connection; the next connection tries again.
    @Test func aRefusedSubscriptionEndsTheConnection() {
        var bench = MachineBench(.forTests(persistent: true, filters: ["a", "b"]))
        let id = subscribe(bench.connect())?.packetID ?? .of(999)
        let actions = bench.receive(.suback(SubscribeReply(packetID: id, reasonCodes: [.grantedQoS1, .notAuthorized])))
        let refusal = SubscriptionRefusal(filter: "b", reasonCode: .notAuthorized)
        #expect(actions.first == .note(.subscriptionRefused(refusal)))
        #expect(actions.end == .subscriptionRefused(refusal))
        bench.close()
        #expect(subscribe(bench.connect(sessionPresent: true))?.subscriptions.count == 2)
    }

    /// 3.8.4-6, 3.8.4-2.
    @Test func anOddSubackIsJudged() {
        var bench = MachineBench(.forTests(filters: ["a", "b"]))
        let id = subscribe(bench.connect())?.packetID ?? .of(999)
        _ = bench.receive(.suback(SubscribeReply(packetID: .of(77), reasonCodes: [.success])))
        #expect(bench.machine.counters.unexpectedPackets == 1)
        let short = bench.receive(.suback(SubscribeReply(packetID: id, reasonCodes: [.success])))
        #expect(short.disconnectCode == .protocolError)
    }

    /// The client doesn't subscribe again in a session that it saw begin. In an earlier process's session it does,
    /// without retained messages.
    @Test func aResumedSessionIsSubscribedToOnlyIfItWasNotSeen() {
        for version in ProtocolVersion.allCases {
            var bench = MachineBench(.forTests(version, persistent: true, filters: ["a"]))
            _ = bench.handle(.sessionRemembered)
            let first = subscribe(bench.connect(sessionPresent: true))
            #expect(first?.subscriptions.first?.retainHandling == (version == .v5 ? .sendIfNew : .send))
            let id = first?.packetID ?? .of(999)
            #expect(
                bench.receive(.suback(SubscribeReply(packetID: id, reasonCodes: [.grantedQoS1])))
                    == [.ready(sessionResumed: true)])
            bench.close()
            let again = bench.connect(sessionPresent: true)
            #expect(subscribe(again) == nil)
            #expect(again.contains(.ready(sessionResumed: true)))
            bench.close()
            let new = subscribe(bench.connect(sessionPresent: false))
            #expect(new?.subscriptions.first?.retainHandling == .send)
        }
    }

    /// 3.2.2-15 for SUBSCRIBE: each filter has its own packet if the server accepts no larger one.
    @Test func aSubscribeAboveTheServersLimitIsSplit() {
        let filters = (0..<5).map { String(repeating: "f", count: 30) + "\($0)" }
        var bench = MachineBench(.forTests(filters: filters))
        let actions = bench.connect([.maximumPacketSize(60)])
        #expect(actions.types == Array(repeating: .subscribe, count: 5))
        for case .subscribe(let subscribe) in actions.packets.dropLast() {
            let reply = SubscribeReply(packetID: subscribe.packetID, reasonCodes: [.grantedQoS1])
            #expect(bench.receive(.suback(reply)).isEmpty)
        }
        guard case .subscribe(let last) = actions.packets.last else { return }
        let reply = SubscribeReply(packetID: last.packetID, reasonCodes: [.grantedQoS1])
        #expect(bench.receive(.suback(reply)) == [.ready(sessionResumed: false)])
    }

    @Test func anAnswerThatDoesNotComeEndsTheConnection() {
        var bench = MachineBench(.forTests(filters: ["a"]))
        _ = bench.connect()
        #expect(bench.handle(.timedOut(.suback)) == [.close(.timedOut(.suback))])
    }
}
