// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import HashTreeCollections
import MQTT
import SQL
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("One person, many writers", .timeLimit(.minutes(5)))
struct OnePersonManyWriters {
    private static let rounds = 100
    private static let window = 50

    /// 100 tasks and 8 MQTT connections write the same faculty member at once. No update is lost, the last arrival
    /// counts, and versions and revisions rise. Readers see only whole, committed states, and never an older one.
    @Test func theLastArrivalStandsAndNoReaderGoesBack() async throws {
        try await withDesk { desk in
            let faculty = FacultyID.number(1)
            let units = (0..<8).map { "desk-\($0)" }
            try desk.broker.admit(units)
            try await desk.store.addUnits(units, of: faculty)
            let reader = Task { await Self.watch(desk.board) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask { try await desk.service.updateStatus(faculty, isPresent: number % 2 == 0) }
                }
                for unit in units {
                    group.addTask {
                        try await desk.broker.withUnit(unit) { try await Self.speak($0, as: unit) }
                    }
                }
                try await group.waitForAll()
            }
            // Every event of every connection is stored, so none was lost.
            let seen = try await desk.store.read { transaction in
                try transaction.connection.query("SELECT seen FROM unit_boot ORDER BY unit_id").map {
                    try $0.get(0, as: SequenceSet.self)
                }
            }
            #expect(seen == Array(repeating: SequenceSet(1...Int64(Self.rounds)), count: 8))
            for isPresent in [true, false] {
                let data = try await desk.service.updateStatus(faculty, isPresent: isPresent)
                #expect(data.status == isPresent)
                let row = try await desk.store.read { transaction in
                    try transaction.connection.first("SELECT state, version FROM presence WHERE faculty_id = 1")
                }
                #expect(try row?.get(0, as: PresenceState.self) == PresenceState(isPresent: isPresent))
            }
            reader.cancel()
            let watched = await reader.value
            #expect(watched.steps > 10)
            #expect(watched.stepsBack == 0)
            let versions = try await desk.store.read { transaction in
                try transaction.connection.first("SELECT version FROM presence WHERE faculty_id = 1")?.get(
                    0, as: Int64.self)
            }
            #expect(versions.map { $0 > 10 } == true)
        }
    }

    /// Publishes a boot's events over one connection, and waits until the server has acknowledged each. At most 64 are
    /// under way, because the server keeps that many replies of a unit.
    private static func speak(_ client: MQTTClient, as user: String) async throws {
        var replies = client.messages.makeAsyncIterator()
        for first in stride(from: 1, through: rounds, by: window) {
            let events = first...min(first + window - 1, rounds)
            for seq in events {
                let payload =
                    #"{"boot":"b000000\#(user.last ?? "0")","seq":\#(seq),"type":"presence","present":\#(seq % 2 == 0)}"#
                _ = try await client.publish(
                    topic: "consultease/v2/unit/\(user)/event", payload: Array(payload.utf8), qos: .atLeastOnce,
                    retain: false)
            }
            for _ in events {
                let message = try #require(await replies.next())
                message.ack()
                #expect(String(decoding: message.payload, as: UTF8.self).contains(#""result":"stored""#))
            }
        }
    }

    private struct Watched: Sendable {
        var steps = 0
        var stepsBack = 0
    }

    private static func watch(_ board: Board) async -> Watched {
        var watched = Watched()
        var last = board.snapshot
        while !Task.isCancelled {
            let next = board.snapshot
            if next.revision < last.revision { watched.stepsBack += 1 }
            if next.revision > last.revision { watched.steps += 1 }
            last = next
            await Task.yield()
        }
        return watched
    }
}

extension FacultyID {
    static func number(_ value: Int64) -> FacultyID {
        guard let id = FacultyID(value) else { preconditionFailure("no id: \(value)") }
        return id
    }
}
