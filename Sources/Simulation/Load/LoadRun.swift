// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Logging
package import MQTT

/// Runs a fleet against a running server over real MQTT, then compares the server's state with the expected one.
///
/// A run goes like this: all units connect; the fleet sends with faults; everything is delivered; the time from a
/// beacon to a screen is measured; every unit sends its last report; some units are switched off; old messages are sent
/// once more. Then every place is read until all agree with the oracle, or the time is up.
package struct LoadRun: Sendable {
    let roster: LoadRoster
    let options: LoadOptions
    let broker: BrokerAddress
    let http: HTTPAddress?
    let database: DatabaseReader?
    let time: SimulationTime
    let logger: Logger
    let progress: @Sendable (LoadProgress) -> Void

    /// Reads the end state from the database, bypassing the server.
    package typealias DatabaseReader = @Sendable () async throws -> EndState

    package init(
        roster: LoadRoster, options: LoadOptions, broker: BrokerAddress, http: HTTPAddress?,
        database: DatabaseReader?, time: SimulationTime = SimulationTime(ContinuousClock()), logger: Logger,
        progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
    ) {
        self.roster = roster
        self.options = options
        self.broker = broker
        self.http = http
        self.database = database
        self.time = time
        self.logger = logger
        self.progress = progress
    }

    /// Throws `LoadError` if the run could not be made. A difference is no error, but part of the report.
    package func run() async throws -> LoadReport {
        try validate()
        let drivers = roster.units.enumerated().map { index, unit in
            UnitDriver(unit, index: index, setup: setup(index, unit), logger: logger)
        }
        let screens = screens()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for driver in drivers { group.addTask { await driver.run() } }
            for screen in screens { group.addTask { await screen.run() } }
            defer { group.cancelAll() }
            return try await conduct(drivers, screens)
        }
    }

    private func validate() throws(LoadError) {
        guard http != nil || database != nil else { throw .nothingToCheck }
        switch options.plant {
        case .staleSubscriber where http == nil || options.screens == 0:
            throw .plantNeeds(.staleSubscriber, "the server's address and one screen at least")
        case .lostAnswer where roster.consultations.isEmpty || database == nil:
            throw .plantNeeds(.lostAnswer, "pending consultations, and the database to see them in")
        case .lostAnswer, .staleSubscriber, .lostUpdate, nil: break
        }
    }

    private func setup(_ index: Int, _ unit: LoadUnit) -> UnitDriver.Setup {
        // An old unit's uptime leaps over its grace; a dialect 2 unit has no grace here, so that each change is an
        // event.
        let settings = UnitSettings(
            heartbeatEvery: .seconds(30), awayAfter: unit.dialect == .one ? .seconds(60) : .zero,
            isOldUnitAtLeastOnce: isPathReliable(index, unit))
        return UnitDriver.Setup(
            broker: broker, time: time, settings: settings, faults: options.faults, isTimeLapse: true,
            seed: options.seed)
    }

    /// Every second old unit publishes at QoS 0, like the firmware in the field.
    func isPathReliable(_ index: Int, _ unit: LoadUnit) -> Bool {
        unit.dialect == .two || unit.faculty % 2 == 0
    }

    private func screens() -> [SimulatedScreen] {
        guard let http else { return [] }
        return (0..<options.screens).map { index in
            SimulatedScreen(
                name: "screen \(index + 1)", address: http, time: time,
                seed: options.seed &+ UInt64(index) &* 7_919, cuts: options.screenCuts,
                isStale: options.plant == .staleSubscriber && index == 0, logger: logger)
        }
    }
}

/// How far a run has come.
package struct LoadProgress: Sendable {
    package enum Phase: String, Sendable {
        case connecting
        case sending
        case settling
        case timing
        case lastWords = "last words"
        case comparing
    }

    package var phase: Phase
    /// The number of messages sent so far, and their total.
    package var sent: Int
    package var of: Int
}
