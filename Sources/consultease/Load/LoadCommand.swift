// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Foundation
import Logging
import MQTT
import Simulation

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract:
            "Let a fleet of simulated desk units loose on a running server, faults included, and check what comes of it.",
        discussion: """
            The fleet expects faculty members 1 to N and their units to exist; --write-roster says which. After its last \
            words it reads the database, the API and every simulated screen, until all of them say what its own oracle \
            expects. Use a server that is there for this alone: the fleet speaks for everybody.

            Examples:
              consultease serve --data /tmp/load-data &
              consultease load --prepare /tmp/load-data --http http://127.0.0.1:8080
              consultease load --units 50 --messages 60000 --rate 2000 --seed 7 \\
                --broker mqtt://127.0.0.1:1884 --http http://127.0.0.1:8080 --json
              consultease load --plant lost-update --http http://127.0.0.1:8080

            The last one must fail: the check is checked. Exit code 0 only if everything is equal.
            """)

    @OptionGroup(title: "The fleet") var fleet: FleetOptions
    @OptionGroup(title: "Faults: each a probability, 0 to 1") var faults: FaultOptions
    @OptionGroup(title: "The server") var server: ServerOptions

    @Option(
        help: ArgumentHelp(
            "Plant a defect that the check must find: \(Plant.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "defect"))
    var plant: Plant?

    @Option(
        help: ArgumentHelp("Only write what the server must be given into this folder, as CSV.", valueName: "folder"))
    var writeRoster: String?

    @Flag(help: "Print one JSON object for scripts.")
    var json = false

    func validate() throws {
        guard writeRoster == nil else { return }
        let hasDatabase = server.database != nil || server.prepare != nil
        guard server.http != nil || hasDatabase else { throw ValidationError("\(LoadError.nothingToCheck)") }
        switch plant {
        case .staleSubscriber where server.http == nil || server.subscribers == 0:
            throw ValidationError("the plant stale-subscriber needs --http, and --subscribers from 1")
        case .lostAnswer where fleet.consultations == 0 || !hasDatabase:
            throw ValidationError("the plant lost-answer needs --consultations from 1, and --database or --prepare")
        case .lostAnswer, .staleSubscriber, .lostUpdate, nil: break
        }
    }

    func run() async throws {
        var roster = LoadRoster.standard(
            unitCount: fleet.units, dialect2Share: fleet.dialect2, consultationsEach: fleet.consultations)
        if let writeRoster {
            try LoadRosterFiles.write(roster, into: writeRoster)
            print("Wrote faculty.csv, units.csv and consultations.csv into \(writeRoster).")
            return
        }
        if let file = server.credentials { try LoadRosterFiles.addCredentials(from: file, to: &roster) }
        let (broker, old) = try await server.brokers()
        if let old {
            for index in roster.units.indices where roster.units[index].dialect == .one {
                roster.units[index].broker = old
            }
        }
        var location: DatabaseLocation?
        if let folder = server.prepare {
            (roster, location) = try await LoadPreparation.prepare(roster, in: folder, database: server.database)
        } else if let url = server.database {
            location = try await Settings.resolve(SettingFlags(database: url.withScheme)).database
        }
        var database: EndStateReader?
        if let location { database = try await EndStateReader(location) }
        let seed = fleet.seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        Note.print("Seed \(seed)")
        let notice = ProgressNotice()
        let run = LoadRun(
            roster: roster, options: options(seed: seed), broker: broker, http: server.http,
            database: database.map { reader in { @Sendable in try await reader.read() } }, logger: logger
        ) { progress in
            notice.say(progress.text)
        }
        let report: LoadReport
        do { report = try await run.run() } catch let error as LoadError {
            Note.print("\(error)")
            throw ExitCode.failure
        }
        print(json ? report.json : report.text)
        guard report.isEqual else { throw ExitCode.failure }
    }

    private func options(seed: UInt64) -> LoadOptions {
        LoadOptions(
            messages: fleet.messages, rate: fleet.rate, seed: seed, faults: faults.rates, screens: server.subscribers,
            screenCuts: faults.screenCuts, offShare: fleet.off, probes: fleet.probes,
            limit: .seconds(server.endStateTimeout), plant: plant)
    }

    private var logger: Logger {
        var logger = Logger(label: "consultease.load")
        logger.logLevel = .critical
        return logger
    }
}

extension Plant: ExpressibleByArgument {}

extension LoadProgress {
    /// The progress as text, for a person who waits.
    fileprivate var text: String {
        phase == .sending ? "sending: \(sent) of \(of) messages" : phase.rawValue
    }
}

extension String {
    /// The text as a URL: a bare path is a SQLite file.
    fileprivate var withScheme: String { contains("://") || hasPrefix("sqlite:") ? self : "sqlite:\(self)" }
}
