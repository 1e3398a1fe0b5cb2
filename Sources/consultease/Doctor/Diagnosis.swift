// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// All checks in their order: the machine, the folder, the database, the broker, the pages, the desks.
struct Diagnosis {
    let settings: Settings

    /// `onFinding` is given each as it is found.
    func run(_ onFinding: (Finding) -> Void) async -> [Finding] {
        var findings: [Finding] = []
        func note(_ more: [Finding]) {
            for finding in more { onFinding(finding) }
            findings += more
        }
        note(MachineChecks(settings: settings).run())
        let folder = FolderChecks(folder: settings.dataFolder)
        note(folder.run())
        let isServed = folder.server != nil
        let database = await DatabaseChecks.open(settings)
        note(await database.run())
        note(await BrokerChecks(settings: settings, isServed: isServed).run())
        note([await PagesCheck(listen: settings.listen, isServed: isServed).run()])
        note(await DeskChecks(store: database.store, isServed: isServed).run())
        return findings
    }
}
