// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Domain
import Foundation
import Logging
import MQTT
import SQLite
import Service
import ServiceLifecycle
import Simulation
import Store

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Run everything with 27 invented people and 12 simulated desk units living through a day.",
        discussion: """
            A database of its own is made afresh at each start and never mixed with real data. Beacons come and go, keys are \
            pressed, a unit dies, one is restarted, one is abused: all over a real MQTT broker of its own.

            Examples:
              consultease demo
              consultease demo --speed 1 --from 09:30      # a real-time morning
              consultease demo --speed 300                 # a day in five minutes

            Ends with Ctrl-C.
            """)

    @OptionGroup var options: DemoOptions

    @Option(name: .long, help: "How many times faster than real time: 0.1 to 600.")
    var speed = 60.0

    @Option(name: .long, help: ArgumentHelp("The time of day at which the demonstration begins.", valueName: "hh:mm"))
    var from = "09:40"

    @Option(name: .long, help: "The same seed gives the same day.")
    var seed: UInt64 = 7

    @Flag(name: .long, help: "Print the address as one JSON object on a line, for scripts.")
    var json = false

    @Flag(name: .long, help: "Print what each simulated unit does.")
    var verbose = false

    func validate() throws {
        guard (0.1...600).contains(speed) else { throw ValidationError("--speed is from 0.1 to 600") }
        guard Self.minutes(from) != nil else { throw ValidationError("--from is a time of day, as 09:40") }
    }

    func run() async throws {
        let settings = try await settings()
        let logger = Log.start(settings.logLevel)
        // Taken before anything is removed, since another demonstration may be using the same file.
        let lock = try ServingLock(settings)
        try await Self.removeFormerDemo(settings)
        try await play(settings, logger)
        _ = consume lock
    }

    /// Throws a usage error if the environment or the file sets what a demonstration doesn't accept.
    private func settings() async throws -> Settings {
        let settings = try await Settings.resolve(options.flags)
        guard settings.database.path != nil else {
            throw ValidationError(
                "a demo keeps its people in a file of its own: leave --database out, or name sqlite:FILE")
        }
        guard settings.broker == nil else {
            throw ValidationError("a demo runs a broker of its own: leave out CONSULTEASE_BROKER and the file's broker")
        }
        return settings
    }

    /// Runs the server and its simulated units until the server ends.
    private func play(_ settings: Settings, _ logger: Logger) async throws {
        let zone = try settings.requiredTimeZone()
        let telemetry = ServerTelemetry(settings, version: ProgramVersion.text)
        let start = Self.minutes(from) ?? 0
        let clock = ScaledClock(speed: speed)
        let time = ScaledTime(base: Self.morning(minutes: start, in: zone.zone), clock: clock)
        let store = try await OpenedStore.forServing(settings, isDemo: true, time: time, logger: logger)
        let server = try await Server(
            settings: settings, store: store, timing: .init(clock: clock, speed: speed), telemetry: telemetry,
            logger: logger)
        let isVerbose = verbose
        let day = DayRun(
            plan: DayPlan(seed: seed, unitCount: DemoPeople.withUnits.count), roster: try await seeded(store, server),
            broker: .tcp(host: server.desks.host, port: server.desks.port), clock: clock, seed: seed, logger: logger,
            onStep: { happening, unit in
                if isVerbose { print("\(unit.name): \(happening.step)") }
            })
        try await server.run(
            beside: [{ await day.run(from: .seconds(start * 60)) }], onListening: announcement(settings))
        try store.close()
    }

    private func announcement(_ settings: Settings) -> @Sendable (Int) -> Void {
        let (json, speed) = (json, speed)
        return { port in
            Announcement(settings.listen, port: port).print(json: json)
            if !json { print("A day goes by \(speed) times faster than real time. Ctrl-C ends it.") }
            fflush(nil)
        }
    }

    /// Adds the people, their overrides, their units and the requests that wait for them.
    private func seeded(_ store: Store, _ server: Server) async throws -> LoadRoster {
        let roster = Self.roster
        let beacons = Dictionary(
            uniqueKeysWithValues: roster.units.compactMap { unit in
                BeaconAddress(unit.beacon).map { (unit.faculty, $0) }
            })
        for (index, person) in DemoPeople.all.enumerated() {
            let profile = FacultyProfile(
                name: person.name, surname: person.surname, department: person.department, room: person.room,
                directions: "Engineering building, floor \(person.room.prefix(1))", subjects: person.subjects)
            let entry = FacultyEntry(
                id: FacultyID(Int64(index + 1)), profile: profile, beacon: beacons[Int64(index + 1)])
            let id = try await server.commands.people.add(entry).value.id
            if let said = DemoPeople.ownWord(of: index + 1, now: store.now) {
                _ = try await server.commands.statuses.setOverride(said.word, until: said.until, for: id)
            }
        }
        let prepared = try await FleetSeed.prepare(roster, store: store, folder: server.brokerFolder)
        try await startConsultations(store)
        return prepared
    }

    /// A standard fleet whose units belong to the people in `DemoPeople.withUnits`.
    private static var roster: LoadRoster {
        var roster = LoadRoster.standard(unitCount: DemoPeople.withUnits.count, consultationsEach: 2)
        for index in roster.units.indices {
            let owner = DemoPeople.withUnits[index]
            roster.units[index].faculty = owner
            roster.units[index].name = DemoPeople.all[Int(owner) - 1].name
            if roster.units[index].dialect == .two {
                roster.units[index].unit = "desk-\(owner)"
            } else if let faculty = FacultyID(owner) {
                roster.units[index].unit = UnitID(dialect1: faculty).rawValue
            }
        }
        for index in roster.consultations.indices {
            roster.consultations[index].faculty = DemoPeople.withUnits[Int(roster.consultations[index].faculty) - 1]
        }
        return roster
    }

    /// Starts some consultations, so that the board shows every state.
    private func startConsultations(_ store: Store) async throws {
        try await store.write { transaction in
            let repository = ConsultationRepository(transaction)
            for (index, faculty) in DemoPeople.inConsultation.enumerated() {
                guard let id = ConsultationID(Int64(1000 + index)), let student = StudentID(Int64(index + 1)) else {
                    continue
                }
                try repository.add(
                    id: id, faculty: faculty, student: student, status: .inProgress, topic: "Thesis",
                    message: "Chapter 3")
            }
        }
    }

    /// Removes the data of a former demonstration. Anything else is left alone.
    private static func removeFormerDemo(_ settings: Settings) async throws {
        guard let path = settings.database.path, FileManager.default.fileExists(atPath: path) else { return }
        let engine = try SQLiteEngine.file(at: path)
        let isDemo = (try? await engine.read { try Meta.isDemo($0) }) ?? false
        try engine.close()
        guard isDemo else {
            throw CommandError(
                "\(path) holds real data: a demo never writes there. Choose another --data folder")
        }
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
        try? FileManager.default.removeItem(at: settings.dataFolder.appending(path: "broker/mosquitto.db"))
    }

    private static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":").map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
            (0...59).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    /// Returns today's moment of that time of day, in the university's zone.
    private static func morning(minutes: Int, in zone: TimeZone) -> Timestamp {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let midnight = calendar.startOfDay(for: Date())
        return Timestamp(milliseconds: Int64(midnight.timeIntervalSince1970 * 1000)) + .minutes(Int64(minutes))
    }
}
