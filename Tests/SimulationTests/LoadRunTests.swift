// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import MQTT
import Testing

@testable import Simulation

/// Runs the whole fleet against a stand-in for the server, over a real broker.
@Suite("A fleet's run", .enabled(if: Mosquitto.isInstalled), .timeLimit(.minutes(5)))
struct LoadRunTests {
    private static let roster = LoadRoster.standard(unitCount: 12, consultationsEach: 3)

    private func run(
        _ options: LoadOptions, defect: MiniJudge.Defect? = nil, goesBack: Bool = false
    ) async throws -> LoadReport {
        try await Mosquitto.with { broker in
            let server = MiniServer(roster: Self.roster, broker: broker, defect: defect, goesBack: goesBack)
            return try await server.run { http in
                try await LoadRun(
                    roster: Self.roster, options: options, broker: broker, http: http,
                    database: { await server.endState }, logger: Logger(label: "load") { _ in SwiftLogNoOpLogHandler() }
                ).run()
            }
        }
    }

    private func options(_ seed: UInt64 = .random(in: 0 ... .max), plant: Plant? = nil, limit: Int = 20) -> LoadOptions
    {
        var options = LoadOptions(
            messages: 1_500, rate: 0, seed: seed, screens: 2, offShare: 0.2, probes: 5, limit: .seconds(limit),
            plant: plant)
        options.faults.reboots = 0.02
        options.faults.silences = 0
        return options
    }

    @Test func aServerThatKeepsTheRulesEndsEqual() async throws {
        let report = try await run(options())
        #expect(report.isEqual, "\(report.text)")
        #expect(report.messages >= 1_500)
        #expect(report.duplicates > 0 && report.reorderings > 0 && report.replays > 0, "\(report.text)")
        #expect(report.reboots > 0 && report.cuts > 0 && report.hostile > 0 && report.answers > 0, "\(report.text)")
        // On a busy machine a probe may not reach its screen within 5 s: that is no measurement, and no difference.
        #expect((1...5).contains(report.shown.count) && report.acknowledged.count > 0, "\(report.text)")
        #expect(report.checks.map(\.place) == ["database", "api", "screen 1", "screen 2"])
    }

    @Test(arguments: Plant.allCases)
    func aPlantedDefectIsFound(plant: Plant) async throws {
        let report = try await run(options(plant: plant, limit: 3))
        #expect(!report.isEqual, "\(report.text)")
    }

    /// In one history a fault may leave no trace, for example if an overtaken report equals the last one; in three it
    /// does.
    @Test(arguments: MiniJudge.Defect.allCases)
    func aBrokenServerIsFound(defect: MiniJudge.Defect) async throws {
        var reports: [LoadReport] = []
        repeat {
            reports.append(try await run(options(limit: 3), defect: defect))
        } while reports.allSatisfy(\.isEqual) && reports.count < 3
        let isFound = !reports.allSatisfy(\.isEqual)
        #expect(isFound, "\(reports.map(\.text))")
    }

    @Test func aRevisionThatGoesBackIsFound() async throws {
        let report = try await run(options(limit: 3), goesBack: true)
        let found = report.checks.flatMap(\.differences).filter { $0.subject == "stream" }
        #expect(!found.isEmpty, "\(report.text)")
    }

    @Test func aRunThatComparesNothingIsRefused() async throws {
        let run = LoadRun(
            roster: Self.roster, options: options(), broker: .unix(path: "/nowhere"), http: nil, database: nil,
            logger: Logger(label: "load"))
        await #expect(throws: LoadError.self) { try await run.run() }
    }
}
