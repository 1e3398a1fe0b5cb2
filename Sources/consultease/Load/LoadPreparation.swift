// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation
import SQL
import Simulation
import Store

/// Creates a fleet in the data folder of a running server, through the same store as every command.
enum LoadPreparation {
    /// Returns the roster with its credentials, and the database's location. Throws if the database has people who are
    /// not of the fleet, or consultations that were answered before: the check at the end would compare them, too.
    static func prepare(
        _ roster: LoadRoster, in folder: String, database: String?
    ) async throws -> (roster: LoadRoster, database: DatabaseLocation) {
        let settings = try await Settings.resolve(SettingFlags(data: folder, database: database))
        let store = try await OpenedStore.forCommand(settings)
        try await refuseOthers(store, roster)
        // With an external broker, the folder of the embedded one doesn't exist yet.
        try FileManager.default.createDirectory(
            at: BrokerFolder(in: settings.dataFolder).url, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let prepared = try await FleetSeed.prepare(
            roster, store: store, folder: BrokerFolder(in: settings.dataFolder))
        try store.close()
        return (prepared, settings.database)
    }

    private static func refuseOthers(_ store: Store, _ roster: LoadRoster) async throws {
        let names = Set(roster.units.map(\.name))
        let strangers = try await store.read {
            try FacultyRepository($0).all().filter { !names.contains($0.profile.name) }
        }
        guard strangers.isEmpty else {
            throw CommandError(
                "the database has people who are not of the fleet, as \(strangers[0].profile.name): use a server of its own"
            )
        }
        let answered = try await store.read { transaction in
            try transaction.connection.first("SELECT 1 FROM consultation WHERE status <> 'pending'") != nil
        }
        guard !answered else {
            throw CommandError("a fleet has answered here before: use a fresh data folder")
        }
    }
}
