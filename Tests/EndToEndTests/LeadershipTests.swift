// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import MQTT
import Randomness
import SQL
import Service
import Store
import TestSupport
import Testing

/// Tests two servers on one PostgreSQL and one broker.
@Suite("Leadership", .timeLimit(.minutes(5)))
struct LeadershipTests {
    private struct Cluster: Sendable {
        let first: Leadership
        let second: Leadership
        let store: Store
        /// The store of `second`.
        let other: Store
        let server: PostgresServer
        let url: String
        let broker: BrokerFixture

        var leaders: [Leadership] {
            zip([first, second], [store, other]).filter { $0.1.leadership.part.word == "leading" }.map(\.0)
        }

        /// Both servers' own checks as text.
        var account: String {
            [first, second].map { leadership in
                leadership.checks().map { "\($0.name): \($0.failure?.detail ?? $0.detail ?? "well")" }.joined(
                    separator: ", ")
            }.joined(separator: "; ")
        }

        /// Ends the database server's side of the connection that holds the lock.
        func unseat() async throws {
            let ended = try await server.terminateBackends(
                of: url, where: "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)")
            #expect(ended == 1)
        }

        func presence() async throws -> PresenceState? {
            let row = try await store.read {
                try $0.connection.first("SELECT state FROM presence WHERE faculty_id = 1")
            }
            return try row?.get(0)
        }
    }

    private func withCluster(_ body: @Sendable (Cluster) async throws -> Void) async throws {
        try await withStore(.postgreSQL) { fixture in
            let postgres = try #require(fixture.postgres)
            let other = try await Store(engine: try fixture.anotherEngine(), time: fixture.time)
            defer { try? other.close() }
            try await fixture.store.addPeople()
            try await withBroker { broker in
                let cluster = Cluster(
                    first: Leadership(store: fixture.store, broker: broker.connection, logger: quietLogger),
                    second: Leadership(store: other, broker: broker.connection, logger: quietLogger),
                    store: fixture.store, other: other, server: postgres.server, url: postgres.url, broker: broker)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await cluster.first.run() }
                    group.addTask { try await cluster.second.run() }
                    defer { group.cancelAll() }
                    try await eventually("an instance leads and has the session; \(cluster.account)") {
                        cluster.leaders.first?.checks().allSatisfy { $0.failure == nil } ?? false
                    }
                    try await body(cluster)
                }
            }
        }
    }

    private func withUnit(_ cluster: Cluster, _ body: @Sendable (MQTTClient) async throws -> Void) async throws {
        try cluster.broker.admit(["desk-1"])
        try await cluster.store.addUnits(["desk-1"])
        try await cluster.broker.withUnit("desk-1", listens: false, body)
    }

    private func say(_ isPresent: Bool, seq: Int, _ unit: MQTTClient) async throws {
        _ = try await unit.publish(
            topic: "consultease/v2/unit/desk-1/event",
            payload: Array(#"{"boot":"b0000001","seq":\#(seq),"type":"presence","present":\#(isPresent)}"#.utf8),
            qos: .atLeastOnce, retain: false)
    }

    @Test func aServerIsNotReadyBeforeItLeadsAndAStandbySaysThatItIsOne() async throws {
        try await withStore(.sqliteFile) { fixture in
            try await withBroker { broker in
                let leadership = Leadership(store: fixture.store, broker: broker.connection, logger: quietLogger)
                #expect(fixture.store.leadership.part.word == "starting")
                #expect(leadership.checks().contains { $0.name == "leader" && $0.failure != nil })
            }
        }
        try await withCluster { cluster in
            try await eventually("one stands by; \(cluster.account)") {
                zip([cluster.first, cluster.second], [cluster.store, cluster.other]).contains { leadership, store in
                    let check = leadership.checks().first
                    return store.leadership.part.word == "standing by" && check?.failure == nil
                        && check?.detail == "standing by"
                }
            }
        }
    }

    /// Messages that units send meanwhile wait at the broker for the next leader.
    @Test func whenTheLeadersConnectionEndsSomebodyLeadsAgainAndNothingIsLost() async throws {
        try await withCluster { cluster in
            try await withUnit(cluster) { unit in
                for seq in 1...8 {
                    #expect(cluster.leaders.count <= 1)
                    if seq.isMultiple(of: 2) { try await cluster.unseat() }
                    let isPresent = seq.isMultiple(of: 3)
                    try await say(isPresent, seq: seq, unit)
                    try await eventually("event \(seq) is committed") {
                        try await cluster.presence() == (isPresent ? .present : .absent)
                    }
                    try await eventually("an instance leads") { cluster.leaders.count == 1 }
                }
                let gaps = try await cluster.store.read {
                    try $0.connection.first("SELECT gaps FROM unit_link WHERE unit_id = 'desk-1'")
                }
                #expect(try gaps?.get(0) == Int64(0))
            }
        }
    }

    @Test func aFormerLeaderWritesNothing() async throws {
        try await withStore(.postgreSQL) { fixture in
            let postgres = try #require(fixture.postgres)
            let other = try fixture.anotherEngine()
            defer { try? other.close() }
            let term = try await fixture.store.engine.lead()
            try await fixture.store.write(via: term) { try Meta.set("who", "first", $0.connection) }
            try await postgres.server.terminateBackends(
                of: postgres.url, where: "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)")
            let next = try await other.lead()
            let error = await #expect(throws: SQLError.self) {
                try await fixture.store.write(via: term) { try Meta.set("who", "ghost", $0.connection) }
            }
            #expect(error?.code == .notLeader)
            await #expect(throws: SQLError.self) { try await term.requireHeld() }
            await term.ended()
            #expect(try await fixture.store.read { try Meta.value("who", $0.connection) } == "first")
            await next.resign()
        }
    }

    /// A promoted replica has another timeline: numbers of the lost primary must not be believed.
    @Test func anotherTimelineMakesANewLineage() async throws {
        try await withStore(.postgreSQL) { fixture in
            let term = try await fixture.store.engine.lead()
            let (before, lineages) = (fixture.store.lineage, Self.lineages())
            try await fixture.store.adoptTimeline(via: term, newLineage: lineages[0])
            #expect(try await fixture.store.read { try Meta.lineage($0.connection) } == before)
            try await fixture.store.write { try Meta.set("timeline", "another-00000001", $0.connection) }
            let board = try await Board(store: fixture.store, logger: quietLogger)
            let subscription = board.subscribe(department: nil, after: board.snapshot.tag) {}
            defer { subscription.cancel() }
            try await fixture.store.adoptTimeline(via: term, newLineage: lineages[1])
            let keeper = BoardKeeper(store: fixture.store, board: board, logger: quietLogger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await keeper.run() }
                defer { group.cancelAll() }
                try await eventually("the board has the new lineage") { board.snapshot.lineage == lineages[1] }
            }
            #expect(subscription.nextFrame()?.kind == .reset)
            #expect(subscription.nextFrame()?.kind == .snapshot)
            await term.resign()
        }
    }

    private static func lineages() -> [Lineage] {
        var generator = SeededGenerator(seed: 7)
        return (0..<2).map { _ in Lineage(using: &generator) }
    }
}
