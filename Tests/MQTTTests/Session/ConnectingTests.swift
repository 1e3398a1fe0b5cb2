// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

/// Tests CONNECT, CONNACK, and the decision about the server's session (MQTT 5.0, 3.1 and 3.2).
@Suite("Session machine, connecting")
struct ConnectingTests {
    private func connect(_ actions: [SessionMachine.Action]) -> Connect? {
        guard case .connect(let connect) = actions.packets.first else { return nil }
        return connect
    }

    /// 3.1.0-1, 3.1.0-2: CONNECT comes first, and once.
    @Test func oneConnectOpensAConnection() {
        var bench = MachineBench()
        #expect(bench.handle(.transportOpened).types == [.connect])
        #expect(bench.handle(.transportOpened).isEmpty)
        _ = bench.receive(.connack(ConnAck(isSessionPresent: false, reasonCode: .success)))
        #expect(bench.handle(.transportOpened).isEmpty)
    }

    static let sessions: [(local: Bool, policy: Bool, present: Bool, isResumed: Bool?)] = [
        (false, false, false, false), (false, true, false, false), (true, true, false, false), (true, true, true, true),
        (false, true, true, nil), (false, false, true, nil),
    ]

    /// MQTT 5.0, 3.2.2.1.1 (Session Present): 3.2.2-2, 3.2.2-4, 3.2.2-5, 3.1.2-4.
    @Test(arguments: sessions, ProtocolVersion.allCases)
    func sessionPresentIsJudged(
        row: (local: Bool, policy: Bool, present: Bool, isResumed: Bool?), version: ProtocolVersion
    ) {
        var bench = MachineBench(.forTests(version, persistent: row.policy, filters: ["a"]))
        if row.local { _ = bench.handle(.sessionRemembered) }
        #expect(connect(bench.handle(.transportOpened))?.cleanStart == !row.policy)
        let actions = bench.receive(.connack(ConnAck(isSessionPresent: row.present, reasonCode: .success)))
        guard let isResumed = row.isResumed else {
            #expect(actions.end != nil)
            #expect(!actions.types.contains(.subscribe))
            return
        }
        #expect(actions.contains { if case .accepted(_, isResumed) = $0 { true } else { false } })
        #expect(actions.contains(.note(.sessionLost(inFlight: 0))) == (row.local && !row.present))
        #expect(actions.types == [.subscribe])
        #expect(actions.end == nil)
    }

    /// 3.2.2-4: the client discards an unknown session; in 3.1.1 it needs a separate connection for that.
    @Test func anUnknownSessionIsDiscarded() {
        var bench = MachineBench(.forTests(persistent: true))
        #expect(bench.connect(sessionPresent: true).end == .unknownSession)
        bench.close()
        #expect(connect(bench.handle(.transportOpened))?.cleanStart == true)
        let actions = bench.receive(.connack(ConnAck(isSessionPresent: false, reasonCode: .success)))
        #expect(actions.end == nil)
        bench.close()
        #expect(connect(bench.handle(.transportOpened))?.cleanStart == false)
        #expect(bench.receive(.connack(ConnAck(isSessionPresent: true, reasonCode: .success))).end == nil)

        var old = MachineBench(.forTests(.v3_1_1, persistent: true))
        #expect(old.connect(sessionPresent: true).end == .unknownSession)
        old.close()
        #expect(connect(old.handle(.transportOpened))?.cleanStart == true)
        let discarding = old.receive(.connack(ConnAck(isSessionPresent: false, reasonCode: .success)))
        #expect(discarding.end == .sessionDiscarded)
        #expect(discarding.types == [.disconnect])
        old.close()
        #expect(connect(old.handle(.transportOpened))?.cleanStart == false)
        #expect(old.receive(.connack(ConnAck(isSessionPresent: false, reasonCode: .success))).end == nil)
    }

    @Test func aSessionPresentAfterACleanStartIsAProtocolError() {
        var bench = MachineBench()
        let actions = bench.connect(sessionPresent: true)
        #expect(actions.disconnectCode == .protocolError)
    }

    /// 3.1.3-2, 3.2.2-16: the client uses the assigned identifier from then on.
    @Test func anAssignedIdentifierIsKept() {
        var configuration = ClientConfiguration.forTests()
        configuration.clientID = ""
        var bench = MachineBench(configuration)
        #expect(bench.connect([]).end != nil, "none was assigned")
        bench.close()
        #expect(bench.connect([.assignedClientIdentifier("x-1")]).end == nil)
        bench.close()
        #expect(connect(bench.handle(.transportOpened))?.clientID == "x-1")
    }

    /// 3.1.2-21, 3.2.2-21: the server's value also counts if the client asked for none.
    @Test(arguments: [Duration.zero, .seconds(30)])
    func theServersKeepAliveIsTaken(own: Duration) {
        var configuration = ClientConfiguration.forTests()
        configuration.keepAlive = own
        var bench = MachineBench(configuration)
        let actions = bench.connect([.serverKeepAlive(7)])
        guard case .accepted(let limits, _) = actions.first else {
            Issue.record("not accepted")
            return
        }
        #expect(limits.keepAlive == 7)
        bench.close()
        guard case .accepted(let next, _) = bench.connect().first else { return }
        #expect(next.keepAlive == UInt16(own.components.seconds), "for one connection alone")
    }

    /// 4.13.2-1, 3.2.2-7.
    @Test func aRefusalEndsTheConnection() {
        var bench = MachineBench()
        _ = bench.handle(.transportOpened)
        let refusal = ConnAck(
            isSessionPresent: false, reasonCode: .badUserNameOrPassword, properties: [.reasonString("no")])
        #expect(bench.receive(.connack(refusal)) == [.close(.refused(.badUserNameOrPassword, reason: "no"))])
        #expect(bench.machine.counters.failedAttempts == 1)
    }

    static let early: [Packet] = [
        .pingresp, .publish(.once("a")), .puback(Acknowledgement(packetID: .first)), .disconnect(Disconnect()),
        .auth(Auth(reasonCode: .continueAuthentication, properties: [.authenticationMethod("m")])),
        .suback(SubscribeReply(packetID: .first, reasonCodes: [.success])),
    ]

    /// 3.2.0-1, 3.14.0-1, 4.12.0-6.
    @Test(arguments: early)
    func nothingComesBeforeConnack(packet: Packet) {
        var bench = MachineBench()
        _ = bench.handle(.transportOpened)
        let actions = bench.receive(packet)
        #expect(actions.disconnectCode == .protocolError)
        #expect(actions.end != nil)
    }

    /// 3.2.0-2, 4.12.0-7, 2.2: such packets end an open connection in either version; 3.1.1 can't give the reason.
    @Test(arguments: ProtocolVersion.allCases)
    func packetsThatMayNotComeEndTheConnection(version: ProtocolVersion) {
        let twice = Publish(
            topic: "a", payload: [], delivery: .exactlyOnce(.of(1), isDuplicate: false), isRetained: false)
        let cases: [(Packet, ReasonCode)] = [
            (.connack(ConnAck(isSessionPresent: false, reasonCode: .success)), .protocolError),
            (.auth(Auth(reasonCode: .continueAuthentication)), .protocolError),
            (.publish(.once("", [], [.topicAlias(1)])), .topicAliasInvalid),
            (.publish(.once("a", [], [.topicAlias(1)])), .topicAliasInvalid),
            (.publish(twice), .qosNotSupported),
        ]
        for (packet, code) in cases {
            var bench = MachineBench(.forTests(version))
            _ = bench.connect()
            let actions = bench.receive(packet)
            #expect(actions.disconnectCode == (version == .v5 ? code : nil), "\(packet.type)")
            #expect(actions.last == actions.end.map { .close($0) }, "\(packet.type)")
            #expect(actions.delivered.isEmpty)
            #expect(bench.receive(.publish(.once("a"))).isEmpty, "nothing after the end")
        }
    }

    /// 3.14.4-1: after DISCONNECT nothing is sent.
    @Test func nothingFollowsADisconnect() {
        var bench = MachineBench()
        _ = bench.connect()
        _ = bench.receive(.publish(.acknowledged("a", 1)))
        #expect(bench.handle(.stop) == [.send(.disconnect(Disconnect())), .close(.stopped)])
        #expect(bench.handle(.acknowledged(.of(1))).isEmpty)
        #expect(bench.publish("b").actions.isEmpty)
        #expect(bench.handle(.timedOut(.pingresp)).isEmpty)
        #expect(bench.handle(.stop).isEmpty)
    }

    @Test func theServersDisconnectIsReported() {
        var bench = MachineBench()
        _ = bench.connect()
        let packet = Packet.disconnect(
            Disconnect(reasonCode: .serverShuttingDown, properties: [.reasonString("bye"), .sessionExpiryInterval(1)]))
        #expect(bench.receive(packet) == [.close(.disconnectedByServer(.serverShuttingDown, reason: "bye"))])
        #expect(bench.machine.counters.unexpectedPackets == 1, "3.14.2-2 is counted")
    }
}
