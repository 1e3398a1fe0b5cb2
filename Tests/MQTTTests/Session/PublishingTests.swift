// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

@Suite("Session machine, messages out")
struct PublishingTests {
    /// Covers 4.3.1-1, and QoS 0 without a connection.
    @Test func qos0IsHandedOver() {
        var bench = MachineBench()
        let early = bench.publish("a", qos: .atMostOnce)
        #expect(early.actions == [.finish(early.token, .failure(.notConnected))])
        _ = bench.connect()
        let (token, actions) = bench.publish("a", qos: .atMostOnce, payload: [1])
        #expect(actions == [.send(.publish(.once("a", [1]))), .handOver(token)])
        #expect(bench.machine.counters.publishesUnderWay == 1)
        _ = bench.handle(.handedOver)
        #expect(bench.machine.counters.publishesUnderWay == 0)
    }

    /// 4.3.2-1 to 4.3.2-3, 3.3.1-1, 4.4.0-1, 4.4.0-2, 4.6.0-1.
    @Test func unacknowledgedMessagesAreResentInOrderOnResumeAlone() {
        var bench = MachineBench(.forTests(persistent: true))
        _ = bench.connect()
        let tokens = ["a", "b", "c"].map { topic in
            let (token, actions) = bench.publish(topic)
            #expect(actions.publishes.map(\.delivery.isDuplicate) == [false])
            return token
        }
        #expect(
            bench.receive(.puback(Acknowledgement(packetID: .of(2)))).outcomes[tokens[1]]
                == .success(.acknowledged(.success)))
        bench.close()
        #expect(bench.publish("d").actions.isEmpty, "waits for a connection")
        let actions = bench.connect(sessionPresent: true)
        #expect(
            actions.publishes == [
                .acknowledged("a", 1, isDuplicate: true), .acknowledged("c", 3, isDuplicate: true),
                .acknowledged("d", 4),
            ])
        let outcomes = [1, 3, 4].map { bench.receive(.puback(Acknowledgement(packetID: .of($0)))).outcomes.count }
        #expect(outcomes == [1, 1, 1])
        bench.close()
        #expect(bench.connect(sessionPresent: true).publishes.isEmpty)
    }

    /// 3.2.2-5: a sent message is reported as lost; an unsent one goes out in the new session.
    @Test func aLostSessionIsReported() {
        var bench = MachineBench(.forTests(persistent: true))
        _ = bench.connect([.receiveMaximum(1)])
        let sent = bench.publish("a").token
        let waiting = bench.publish("b")
        #expect(waiting.actions.isEmpty)
        bench.close()
        let actions = bench.connect(sessionPresent: false)
        #expect(actions.outcomes == [sent: .success(.sessionLost)])
        #expect(actions.contains(.note(.sessionLost(inFlight: 1))))
        #expect(actions.publishes.map(\.topic) == ["b"])
        #expect(actions.publishes.map(\.delivery.isDuplicate) == [false])
        #expect(bench.machine.counters.sessionsLost == 1)
    }

    /// Covers 3.3.4-7, 4.9.0-1, 4.9.0-2; any PUBACK returns quota.
    @Test func theQuotaBoundsWhatIsUnacknowledged() {
        var bench = MachineBench()
        _ = bench.connect([.receiveMaximum(2)])
        let sent = (0..<5).map { bench.publish("t\($0)").actions.publishes.count }
        #expect(sent == [1, 1, 0, 0, 0])
        let next = bench.receive(.puback(Acknowledgement(packetID: .of(1), reasonCode: .quotaExceeded)))
        #expect(next.publishes.map(\.topic) == ["t2"])
        #expect(bench.receive(.puback(Acknowledgement(packetID: .of(99)))).publishes.isEmpty, "never above the initial")
        #expect(bench.receive(.puback(Acknowledgement(packetID: .of(2)))).publishes.map(\.topic) == ["t3"])
    }

    /// 3.3.4-8, 4.9.0-3: all other packets are sent while the quota is used up.
    @Test func aFullQuotaDelaysPublishesAlone() {
        var bench = MachineBench()
        _ = bench.connect([.receiveMaximum(1)])
        _ = bench.publish("a")
        #expect(bench.publish("b").actions.isEmpty)
        #expect(bench.publish("c", qos: .atMostOnce).actions.types == [.publish])
        #expect(bench.receive(.publish(.acknowledged("x", 8))).delivered.count == 1)
        #expect(bench.handle(.acknowledged(.of(8))).types == [.puback])
        #expect(bench.receive(.pingresp) == [.pingAnswered])
    }

    /// Resent messages obey the new connection's quota, and go before new ones.
    @Test func resendsObeyTheNewQuota() {
        var bench = MachineBench(.forTests(persistent: true))
        _ = bench.connect()
        for topic in ["a", "b", "c"] { _ = bench.publish(topic) }
        bench.close()
        _ = bench.publish("d")
        #expect(bench.connect(sessionPresent: true, [.receiveMaximum(1)]).publishes.map(\.topic) == ["a"])
        let topics = [1, 2, 3].map { id in
            bench.receive(.puback(Acknowledgement(packetID: .of(id)))).publishes.map(\.topic)
        }
        #expect(topics == [["b"], ["c"], ["d"]])
    }

    @Test func aRefusalIsAnOutcome() {
        var bench = MachineBench()
        _ = bench.connect()
        let (token, _) = bench.publish("a")
        let ack = Acknowledgement(packetID: .of(1), reasonCode: .notAuthorized, properties: [.reasonString("no")])
        #expect(
            bench.receive(.puback(ack)).outcomes == [token: .success(.refused(.notAuthorized, reason: "no"))])
        #expect(bench.machine.counters.publishesRefused == 1)
        let (other, _) = bench.publish("b")
        let none = Acknowledgement(packetID: .of(2), reasonCode: .noMatchingSubscribers)
        #expect(
            bench.receive(.puback(none)).outcomes == [other: .success(.acknowledged(.noMatchingSubscribers))])
    }

    /// 3.2.2-11, 3.2.2-14, 3.2.2-15: the limits hold exactly, also for messages that waited.
    @Test func theServersLimitsAreKept() {
        var bench = MachineBench()
        let waiting = bench.publish("a", payload: Array(repeating: 0, count: 100)).token
        let actions = bench.connect([.maximumQoS(.atMostOnce), .retainAvailable(false), .maximumPacketSize(20)])
        #expect(actions.outcomes == [waiting: .failure(.notSupportedByServer(.qosNotSupported))])
        let retained = bench.publish("a", qos: .atMostOnce, retain: true)
        #expect(retained.actions.outcomes == [retained.token: .failure(.notSupportedByServer(.retainNotSupported))])
        // The packet has 2 + 2 + 1 + 1 + 14 bytes.
        #expect(
            bench.publish("a", qos: .atMostOnce, payload: Array(repeating: 0, count: 14)).actions.types == [.publish])
        let large = bench.publish("a", qos: .atMostOnce, payload: Array(repeating: 0, count: 15))
        #expect(large.actions.outcomes == [large.token: .failure(.notSupportedByServer(.packetTooLarge))])
        bench.close()
        _ = bench.connect([.maximumPacketSize(22)])
        #expect(bench.publish("a", payload: Array(repeating: 0, count: 14)).actions.types == [.publish])
        let larger = bench.publish("a", payload: Array(repeating: 0, count: 15))
        #expect(larger.actions.outcomes == [larger.token: .failure(.notSupportedByServer(.packetTooLarge))])
        #expect(bench.machine.queue.count == 1)
    }

    @Test func anUnsendablePublishIsRefusedAtOnce() {
        var bench = MachineBench(.forTests(.v3_1_1))
        _ = bench.connect()
        let cases = [
            bench.publish("a/#"), bench.publish(""), bench.publish("a", qos: .exactlyOnce), bench.publish("a\u{1}"),
            bench.publish("a", properties: [.contentType("x")]),
        ]
        for (token, actions) in cases {
            guard case .failure(.invalid) = actions.outcomes[token] else {
                Issue.record("taken: \(actions)")
                continue
            }
        }
        #expect(bench.publish("a").actions.types == [.publish])
    }

    @Test func revisionsUnderWayAreBounded() {
        var configuration = ClientConfiguration.forTests()
        configuration.publishLimit = 2
        var bench = MachineBench(configuration)
        _ = bench.publish("a")
        let second = bench.publish("b").token
        let third = bench.publish("c")
        #expect(third.actions.outcomes == [third.token: .failure(.tooManyUnderWay)])
        _ = bench.handle(.forget(second))
        #expect(bench.publish("d").actions.isEmpty)
        #expect(bench.connect().publishes.map(\.topic) == ["a", "d"])
    }

    /// After the caller has gone, a sent message stays sent, and keeps its identifier until PUBACK.
    @Test func aForgottenMessageKeepsItsIdentifier() {
        var bench = MachineBench(.forTests(persistent: true))
        _ = bench.connect()
        let (token, _) = bench.publish("a")
        _ = bench.handle(.forget(token))
        bench.close()
        #expect(bench.connect(sessionPresent: true).publishes == [.acknowledged("a", 1, isDuplicate: true)])
        #expect(bench.receive(.puback(Acknowledgement(packetID: .of(1)))).isEmpty)
        #expect(bench.machine.queue.count == 0)
    }

    @Test func aPubrecForAQoS1MessageIsAProtocolError() {
        var bench = MachineBench()
        _ = bench.connect()
        _ = bench.publish("a")
        #expect(bench.receive(.pubrec(Acknowledgement(packetID: .of(1)))).disconnectCode == .protocolError)
    }
}
