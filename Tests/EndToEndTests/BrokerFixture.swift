// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation
import MQTT
import Store
import TestSupport
import Testing
import Wire

/// A real mosquitto for one test, and the credentials of its clients.
struct BrokerFixture: Sendable {
    /// The address for units.
    let desks: Endpoint
    /// The server's connection to the broker.
    let connection: BrokerConnection
    fileprivate let folder: BrokerFolder

    /// Gives units credentials; the broker uses them at once, or when it starts.
    func admit(_ users: [String]) throws {
        try folder.admit(users)
        EmbeddedBroker.reload(folder)
    }

    /// Runs `body` with a connected client of a unit that has its own credential.
    ///
    /// - Parameter listens: whether the unit subscribes to its commands; if so, `body` must take them.
    func withUnit<Value: Sendable>(
        _ user: String, listens: Bool = true, _ body: @Sendable (MQTTClient) async throws -> Value
    ) async throws -> Value {
        var configuration = ClientConfiguration(
            address: .tcp(host: desks.host, port: desks.port), clientID: "\(user)-\(UUID().uuidString.prefix(8))")
        configuration.credentials = Credentials(userName: user, password: BrokerFolder.password(of: user))
        if listens { configuration.subscriptions = [Subscription("consultease/v2/unit/\(user)/command")] }
        let client = MQTTClient(configuration: configuration, logger: quietLogger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            defer { group.cancelAll() }
            try await eventually("\(user) is connected") { client.status.state.isConnected }
            return try await body(client)
        }
    }
}

/// Runs `body` next to a broker on a free port, which admits these units. It doesn't wait until the broker accepts
/// connections: clients retry.
func withBroker<Value: Sendable>(
    admitting users: [String] = [], queue: BrokerConfiguration.Queue = .init(),
    _ body: (BrokerFixture) async throws -> Value
) async throws -> Value {
    try await withTemporaryFolder { data in
        let folder = BrokerFolder(in: data)
        let desks = Endpoint(host: "127.0.0.1", port: try freePort())
        let configuration = BrokerConfiguration(
            desks: desks, openDesks: nil, queue: queue, isRoot: geteuid() == 0)
        try folder.prepare()
        try folder.admit(users)
        let connection = BrokerConnection(
            address: .unix(path: folder.socketPath), clientID: "consultease-test",
            credentials: Credentials(
                userName: BrokerConfiguration.serverUser, password: try folder.serverPassword()),
            tellsDropped: true)
        let broker = EmbeddedBroker(folder: folder, configuration: configuration, logger: quietLogger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // The error is recorded at once, because a time-out in `body` would hide its reason.
                do { try await broker.run() } catch { Issue.record(error, "the broker of this test") }
            }
            defer { group.cancelAll() }
            return try await body(BrokerFixture(desks: desks, connection: connection, folder: folder))
        }
    }
}

extension BrokerFolder {
    fileprivate func admit(_ users: [String]) throws {
        guard !users.isEmpty else { return }
        try setPasswords(users.map { (user: $0, password: Self.password(of: $0)) })
    }

    fileprivate static func password(of user: String) -> String { "secret-secret-\(user)" }
}

extension ConnectionState {
    fileprivate var isConnected: Bool {
        if case .connected = self { true } else { false }
    }
}

extension Store {
    /// Adds people 1…`count`, each with a name and a department.
    func addPeople(_ count: Int64 = 1) async throws {
        try await write { transaction in
            for number in 1...count {
                try FacultyRepository(transaction).add(
                    FacultyProfile(name: "Dr. Person \(number)", department: "Physics"), id: FacultyID(number),
                    beacon: nil)
            }
        }
    }

    /// Adds dialect 2 units to one person's desk.
    func addUnits(_ ids: [String], of faculty: FacultyID = .number(1)) async throws {
        try await write { transaction in
            for id in ids {
                try UnitRepository(transaction).add(#require(UnitID(id)), dialect: .two, faculty: faculty)
            }
        }
    }
}
