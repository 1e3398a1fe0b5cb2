// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation
import Logging
import MQTT
import SQL
import Service
import Store
import Synchronization
import TestSupport
import Testing

/// Everything but pages: a real mosquitto, the MQTT edge, the sequencer, the board.
struct DeskFixture: Sendable {
    let store: Store
    let board: Board
    let service: FacultyService
    let edge: DeskEdge
    let faults: FaultyEngine
    let file: URL?
    let folder: BrokerFolder
    let desks: BrokerConfiguration.Endpoint

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Gives units credentials, as the running broker sees at once.
    func admit(_ passwords: [(user: String, password: String)]) throws {
        try folder.setPasswords(passwords)
        #expect(EmbeddedBroker.reload(folder))
    }

    /// A client of a unit with a credential of its own, connected while `body` runs.
    func withUnit<Value: Sendable>(
        _ user: String, password: String, _ body: @Sendable (MQTTClient) async throws -> Value
    ) async throws -> Value {
        var configuration = ClientConfiguration(
            address: .tcp(host: desks.host, port: desks.port), clientID: "\(user)-\(UUID().uuidString.prefix(8))")
        configuration.credentials = Credentials(userName: user, password: password)
        configuration.subscriptions = [Subscription("consultease/v2/unit/\(user)/command")]
        let client = MQTTClient(configuration: configuration, logger: Self.quiet)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { group.cancelAll() }
            try await eventually("\(user) is connected") { client.status.state.isConnected }
            return try await body(client)
        }
    }
}

extension ConnectionState {
    var isConnected: Bool {
        if case .connected = self { true } else { false }
    }
}

/// Runs `body` with people 1…`people` and everything running on free ports.
func withDesk<Value: Sendable>(
    people: Int64 = 3, trail: UpdateTrail = UpdateTrail(), _ body: @Sendable (DeskFixture) async throws -> Value
) async throws -> Value {
    try await withStore(.sqliteFile) { fixture in
        try await fixture.store.write { transaction in
            for number in 1...people {
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. Person \(number)", department: "Physics"), id: FacultyID(number),
                    beacon: nil)
            }
        }
        return try await withTemporaryFolder { data in
            let logger = DeskFixture.quiet
            let folder = BrokerFolder(in: data)
            let desks = BrokerConfiguration.Endpoint(host: "127.0.0.1", port: try freePort())
            let configuration = BrokerConfiguration(desks: desks, openDesks: nil, isRoot: geteuid() == 0)
            try folder.prepare(configuration)
            let board = try await Board(store: fixture.store, logger: logger)
            let term = try await fixture.store.engine.lead()
            let ingest = Ingest(store: fixture.store, writer: term, trail: trail, logger: logger)
            let edge = DeskEdge(
                broker: BrokerConnection(
                    address: .unix(path: folder.socketPath), clientID: "consultease-test",
                    credentials: Credentials(
                        userName: BrokerConfiguration.serverUser, password: try folder.serverPassword())),
                ingest: ingest, store: fixture.store, term: term, logger: logger)
            let keeper = BoardKeeper(store: fixture.store, board: board, clock: ContinuousClock(), logger: logger)
            let broker = EmbeddedBroker(folder: folder, configuration: configuration, logger: logger)
            let desk = DeskFixture(
                store: fixture.store, board: board,
                service: FacultyService(store: fixture.store, board: board, ingest: ingest, logger: logger),
                edge: edge, faults: fixture.faults, file: fixture.file, folder: folder, desks: desks)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await ingest.run() }
                group.addTask { await keeper.run() }
                group.addTask { try await broker.run() }
                group.addTask { try await edge.run() }
                defer { group.cancelAll() }
                try await eventually("the server has its session") { edge.check().failure == nil }
                return try await body(desk)
            }
        }
    }
}
