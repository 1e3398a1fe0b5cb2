// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Store

/// The result of a restore, or of its verification.
struct RestoreReport {
    let manifest: BackupManifest
    let rehearsal: Rehearsal
    /// Nil if the backup was only verified.
    let outcome: Outcome?

    struct Outcome {
        let database: DatabaseLocation
        let former: FilePlace.Former
        var units: Int?

        init(_ settings: Settings, _ former: FilePlace.Former) {
            database = settings.database
            self.former = former
        }

        func with(units: Int?) -> Outcome {
            var outcome = self
            outcome.units = units
            return outcome
        }
    }

    func print(_ file: String, json: Bool, time: LocalTime) throws {
        if json {
            try JSONOutput.print(Output(self, file: file))
            return
        }
        CopyTable.print(manifest.tables)
        Swift.print("")
        let made = "made \(time.text(manifest.madeAt)) by consultease \(manifest.program) from \(manifest.source)"
        Swift.print("\(file): \(made), revision \(manifest.lineage)-\(manifest.revision), \(manifest.rows) rows")
        if let from = rehearsal.upgradedFrom {
            Swift.print("Its schema \(from) is upgraded to this program's, \(Migrator.currentVersion)")
        }
        let people = "\(rehearsal.cards) \(rehearsal.cards == 1 ? "person" : "people")"
        guard let outcome else {
            Swift.print("It is whole, can be restored, and shows \(people). Nothing was changed.")
            return
        }
        Swift.print(
            "Restored into \(outcome.database), which shows \(people) and has the lineage \(rehearsal.lineage) now"
        )
        switch outcome.former {
        case .nothing: break
        case .backedUp(let url): Swift.print("What was there before is in \(url.path)")
        case .setAside(let url, let why): Swift.print("What was there before is kept as \(url.path): \(why)")
        }
        if let units = outcome.units, units > 0 {
            Swift.print("Desk units that have their credentials again: \(units)")
        }
        Swift.print("Whatever was written after \(time.text(manifest.committedAt)) is not in it.")
        Swift.print("Next: consultease serve, then consultease doctor")
    }

    private struct Output: Encodable {
        let file: String
        let madeAt: String
        let source: String
        let program: String
        let schema: Int64
        let revision: String
        let rows: Int64
        let people: Int
        let restored: Bool
        @OrNull var lineage: String?
        @OrNull var database: String?
        @OrNull var formerBackup: String?
        @OrNull var formerSetAside: String?
        @OrNull var credentialsAdded: Int?
        let tables: [TableOutput]

        enum CodingKeys: String, CodingKey {
            case file, source, program, schema, revision, rows, people, restored, lineage, database, tables
            case madeAt = "made_at"
            case formerBackup = "former_backup"
            case formerSetAside = "former_set_aside"
            case credentialsAdded = "credentials_added"
        }

        init(_ report: RestoreReport, file: String) {
            let manifest = report.manifest
            self.file = file
            madeAt = manifest.madeAt.iso8601
            source = manifest.source
            program = manifest.program
            schema = manifest.schema
            revision = RevisionTag(lineage: manifest.lineage, revision: manifest.revision).description
            rows = manifest.rows
            people = report.rehearsal.cards
            restored = report.outcome != nil
            lineage = report.outcome.map { _ in report.rehearsal.lineage.rawValue }
            database = report.outcome.map { "\($0.database)" }
            switch report.outcome?.former {
            case .backedUp(let url): formerBackup = url.path
            case .setAside(let url, _): formerSetAside = url.path
            case .nothing, nil: break
            }
            credentialsAdded = report.outcome?.units
            tables = manifest.tables.map(TableOutput.init)
        }
    }
}
