// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit
package import Logging
package import MQTT

/// Runs simulated units through a `DayPlan` over real MQTT, on a given clock.
package struct DayRun: Sendable {
    private let plan: DayPlan
    private let drivers: [UnitDriver]
    private let time: SimulationTime
    private let consultations: [Int64: [LoadConsultation]]
    private let onStep: @Sendable (DayPlan.Happening, LoadUnit) -> Void

    /// - Parameters:
    ///   - roster: as many units as the plan has, in its order. Owners answer its consultations; an owner without one
    ///     presses a key only to say that they are here.
    ///   - clock: sets the pace of the day and of the units' uptimes; sockets and back-off use real time.
    ///   - onStep: called at the beginning of each step.
    package init(
        plan: DayPlan, roster: LoadRoster, broker: BrokerAddress, clock: some Clock<Duration>, seed: UInt64,
        logger: Logger, onStep: @escaping @Sendable (DayPlan.Happening, LoadUnit) -> Void = { _, _ in }
    ) {
        self.plan = plan
        let time = SimulationTime(clock)
        self.time = time
        self.onStep = onStep
        consultations = Dictionary(grouping: roster.consultations, by: \.faculty)
        let setup = UnitDriver.Setup(
            broker: broker, time: time,
            settings: UnitSettings(awayAfter: .seconds(60), tickEvery: .seconds(5)), seed: seed)
        drivers = roster.units.prefix(plan.unitCount).enumerated().map { index, unit in
            UnitDriver(unit, index: index, setup: setup, logger: logger)
        }
    }

    /// Runs from `start` (since midnight) to the end of the plan, and then repeats the plan from its beginning; returns
    /// if cancelled. People who are in at `start` arrive at once.
    package func run(from start: Duration = .seconds(8 * 3_600)) async {
        await withTaskGroup(of: Void.self) { group in
            for driver in drivers { group.addTask { await driver.run() } }
            await live(from: start)
            group.cancelAll()
        }
    }

    private func live(from start: Duration) async {
        let day = Duration.seconds(86_400)
        // The first day's midnight in the simulation's time.
        var midnight = time.elapsed() - start
        for (unit, isPresent) in presence(at: start).enumerated() { await sense(isPresent, drivers[unit]) }
        var remaining = consultations
        while !Task.isCancelled {
            for happening in plan.happenings where drivers.indices.contains(happening.unit) {
                let wait = midnight + happening.at - time.elapsed()
                if wait < .seconds(-60) { continue }
                if wait > .zero { do { try await time.sleep(wait) } catch { return } }
                onStep(happening, drivers[happening.unit].unit)
                await perform(happening.step, drivers[happening.unit], &remaining)
            }
            midnight += day
        }
    }

    /// Returns which people the plan has in at this moment.
    private func presence(at moment: Duration) -> [Bool] {
        var isPresent = Array(repeating: false, count: drivers.count)
        for happening in plan.happenings where happening.at <= moment && isPresent.indices.contains(happening.unit) {
            switch happening.step {
            case .arrives: isPresent[happening.unit] = true
            case .leaves: isPresent[happening.unit] = false
            case .flaps, .pressesHere, .answers, .losesContact, .restarts, .dies, .comesBack, .isAbused: break
            }
        }
        return isPresent
    }

    private func sense(_ isPresent: Bool, _ driver: UnitDriver) async {
        await driver.take(isPresent ? .beaconSeen(rssi: -55) : .beaconLost)
    }

    private func perform(
        _ step: DayPlan.Step, _ driver: UnitDriver, _ remaining: inout [Int64: [LoadConsultation]]
    ) async {
        switch step {
        case .arrives: await sense(true, driver)
        case .leaves: await sense(false, driver)
        case .flaps:
            guard await driver.isPresent() else { return }
            await driver.take(.beaconLost)
            await driver.take(.beaconSeen(rssi: -75))
        case .pressesHere: await driver.take(.pressed(.left, .short))
        case .answers(let isComeNow): await answer(isComeNow, driver, &remaining)
        case .losesContact: await driver.cut()
        case .restarts:
            let wasPresent = await driver.isPresent()
            _ = await driver.reboot()
            await sense(wasPresent, driver)
        case .dies: await driver.switchOff()
        case .comesBack:
            await driver.switchOn()
            await sense(true, driver)
        case .isAbused: for _ in 0..<5 { await driver.sendHostile() }
        }
    }

    private func answer(
        _ isComeNow: Bool, _ driver: UnitDriver, _ remaining: inout [Int64: [LoadConsultation]]
    ) async {
        guard let consultation = remaining[driver.unit.faculty]?.popLast() else { return }
        await driver.show(
            consultation: consultation.id, student: "Ana Lim", topic: "Thesis", text: "May I come by today?")
        for _ in 0..<3 where !(await driver.isAsking()) { await driver.take(.pressed(.left, .short)) }
        guard await driver.isAsking() else { return }
        await driver.take(.pressed(isComeNow ? .left : .right, .short))
    }
}
