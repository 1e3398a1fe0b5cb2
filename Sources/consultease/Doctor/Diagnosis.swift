// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Store

/// Runs all checks in order: the machine, the folder, the database, the broker, the pages, the desks.
struct Diagnosis {
    /// The given settings, completed by the addresses that the folder's server has noted.
    private let settings: Settings
    /// Other instances on the same database.
    private let peers: [Endpoint]

    init(settings: Settings, peers: [Endpoint] = []) {
        self.settings = ServedAddress.remembered(settings)
        self.peers = peers
    }

    /// Calls `onFinding` with each finding at once.
    func run(_ onFinding: (Finding) -> Void) async -> [Finding] {
        var findings: [Finding] = []
        func note(_ more: [Finding]) {
            for finding in more { onFinding(finding) }
            findings += more
        }
        note(MachineChecks(settings: settings).run())
        note([await ServiceChecks(folder: settings.dataFolder).run()])
        let folder = FolderChecks(folder: settings.dataFolder)
        note(folder.run())
        note([BackupChecks(settings: settings).run()])
        let isServed = folder.server != nil
        let database = await opened(isServed: isServed)
        note(await database.run())
        note(await BrokerChecks(settings: settings, isServed: isServed).run())
        let lineage = database.store?.lineage
        note([await PagesCheck.own(settings, isServed: isServed, lineage)])
        for peer in peers { note([await PagesCheck(name: "peer", listen: peer, lineage: lineage).run()]) }
        note([await MetricsCheck(listen: settings.metrics, isServed: isServed).run()])
        note(await DeskChecks(store: database.store, isServed: isServed, time: settings.localTime).run())
        database.close()
        return findings
    }

    private func opened(isServed: Bool) async -> DatabaseChecks {
        let former = FormerLife(settings)
        return switch settings.database {
        case .sqlite(let path):
            await SQLiteChecks.open(
                path, newestBackup: BackupFolder(in: settings.dataFolder).newest()?.file, former: former)
        case .postgreSQL(let configuration):
            await PostgreSQLChecks.open(configuration, isServed: isServed, former: former)
        }
    }
}
