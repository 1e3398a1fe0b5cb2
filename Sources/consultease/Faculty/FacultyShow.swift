// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

struct FacultyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show everything that is kept of one faculty member, archived or not.",
        discussion: """
            Example:
              consultease faculty show 7
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "Whom to show.", transform: IdentifierArguments.faculty)
    var id: FacultyID

    @Flag(help: "Print one JSON object for scripts.")
    var json = false

    func run() async throws {
        let id = id
        try await CommandStore.with(data) { store, settings in
            let found = try await store.read { transaction -> Found? in
                guard let stored = try FacultyRepository(transaction).find(id) else { return nil }
                return Found(
                    stored: stored, shown: try AvailabilityRepository(transaction).shown(of: id),
                    override: try OverrideRepository(transaction).find(id),
                    versions: try FacultyRepository(transaction).versions(of: id),
                    units: try UnitRepository(transaction).units(of: id).map(\.id),
                    tag: try CardRepository(transaction).currentTag())
            }
            guard let found else { throw PeopleError.unknownFaculty(id) }
            if json {
                let person = PersonOutput(found.stored, found.shown)
                try JSONOutput.print(
                    Output(
                        revision: found.tag.description, person: person,
                        override: found.override?.value.word.rawValue,
                        overrideUntil: found.override?.value.until?.iso8601, units: found.units.map(\.rawValue),
                        versions: Versions(
                            profile: found.stored.version, override: found.versions?.override,
                            presence: found.versions?.presence)))
            } else {
                show(found, settings.localTime)
            }
            if found.stored.archivedAt == nil, found.shown?.isOverdue ?? false { Note.print(PersonOutput.overdueNote) }
        }
    }

    private struct Found: Sendable {
        let stored: FacultyRepository.Stored
        let shown: AvailabilityRepository.Shown?
        let override: Versioned<Override>?
        let versions: FacultyRepository.Versions?
        let units: [UnitID]
        let tag: RevisionTag
    }

    private func show(_ found: Found, _ time: LocalTime) {
        let person = PersonOutput(found.stored, found.shown, written: time.text)
        print("\(person.name)  (id \(person.id), version \(person.version))")
        let override = found.override.map { standing in
            let ending = standing.value.until.map { "until \(time.text($0))" } ?? "until it is taken back"
            return "\(standing.value.word.rawValue), \(ending)  (version \(standing.version))"
        }
        let availability = [
            person.availability, person.source.map { "from \($0)" }, person.since.map { "since \($0)" },
        ]
        let lines: [(String, String?)] = [
            ("archived", person.archivedAt), ("surname", person.surname), ("department", person.department),
            ("room", person.room), ("directions", person.directions), ("subjects", person.subjects),
            ("e-mail", person.email), ("beacon", person.bleID),
            ("desk unit", found.units.isEmpty ? nil : found.units.map(\.rawValue).joined(separator: ", ")),
            ("override", override),
            ("availability", person.archivedAt == nil ? availability.compactMap { $0 }.joined(separator: ", ") : nil),
            ("last seen", person.lastSeen),
        ]
        for (label, value) in lines {
            guard let value else { continue }
            print("  \(label)\(String(repeating: " ", count: 14 - label.count))\(value)")
        }
    }

    private struct Output: Encodable {
        let revision: String
        let person: PersonOutput
        let override: String?
        let overrideUntil: String?
        let units: [String]
        let versions: Versions

        enum CodingKeys: String, CodingKey {
            case revision, override, units, versions
            case overrideUntil = "override_until"
        }

        func encode(to encoder: any Encoder) throws {
            try person.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(revision, forKey: .revision)
            try container.encode(override, forKey: .override)
            try container.encode(overrideUntil, forKey: .overrideUntil)
            try container.encode(units, forKey: .units)
            try container.encode(versions, forKey: .versions)
        }
    }

    /// What `--if-version` takes: of `set` and `archive` the profile's, of `override` the override's, null written as
    /// 0.
    private struct Versions: Encodable {
        let profile: Int64
        @OrNull var override: Int64?
        @OrNull var presence: Int64?
    }
}
