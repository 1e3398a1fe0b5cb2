// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation
import SQL
import Service
import Store
import TestSupport

/// All parts except pages: a real mosquitto, the MQTT edge, the sequencer, the board.
struct DeskFixture: Sendable {
    let store: Store
    let board: Board
    let service: FacultyService
    let edge: DeskEdge
    let faults: FaultyEngine
    let file: URL?
    let broker: BrokerFixture
}

/// Runs `body` with people 1…`people` and every part running on free ports.
func withDesk<Value: Sendable>(
    people: Int64 = 3, trail: DeliveryTracker = DeliveryTracker(), queue: BrokerConfiguration.Queue = .init(),
    callInterval: Duration = .seconds(5), _ body: @Sendable (DeskFixture) async throws -> Value
) async throws -> Value {
    try await withStore(.sqliteFile) { fixture in
        try await fixture.store.addPeople(people)
        return try await withBroker(queue: queue) { broker in
            let board = try await Board(store: fixture.store, logger: quietLogger)
            let term = try await fixture.store.engine.lead()
            let ingest = Ingest(store: fixture.store, writer: term, trail: trail, logger: quietLogger)
            let edge = DeskEdge(
                broker: broker.connection, ingest: ingest, store: fixture.store, term: term,
                callInterval: callInterval, logger: quietLogger)
            let keeper = BoardKeeper(store: fixture.store, board: board, logger: quietLogger)
            let timekeeper = Timekeeper(store: fixture.store, logger: quietLogger)
            let desk = DeskFixture(
                store: fixture.store, board: board,
                service: FacultyService(
                    Commands(store: fixture.store, logger: quietLogger), board: board, readLimit: .seconds(60),
                    logger: quietLogger),
                edge: edge, faults: fixture.faults, file: fixture.file, broker: broker)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await ingest.run() }
                group.addTask { await keeper.run() }
                group.addTask { await timekeeper.run() }
                group.addTask { try await edge.run() }
                defer { group.cancelAll() }
                try await eventually("the server has its session") { edge.check().failure == nil }
                return try await body(desk)
            }
        }
    }
}

/// Runs `body` with people, one unit, `desk-1`, and a broker that admits it. No server reads yet.
func withOffice<Value: Sendable>(
    _ body: (StoreFixture, BrokerFixture) async throws -> Value
) async throws -> Value {
    try await withStore(.sqliteFile) { fixture in
        try await fixture.store.addPeople()
        try await fixture.store.addUnits(["desk-1"])
        return try await withBroker(admitting: ["desk-1"]) { broker in try await body(fixture, broker) }
    }
}
