// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit

/// The phases of a run.
extension LoadRun {
    func conduct(_ drivers: [UnitDriver], _ screens: [SimulatedScreen]) async throws -> LoadReport {
        var report = LoadReport(seed: options.seed, plant: options.plant)
        tell(.connecting)
        try await everyone(drivers, LoadError.notConnected) { await $0.hasConnected(within: $1) }

        let begin = time.elapsed()
        var lives = try await drive(drivers)
        report.sending = time.elapsed() - begin
        for driver in drivers { report.driven += await driver.figures.sent }
        tell(.settling)
        for driver in drivers { await driver.flush() }
        try await everyone(drivers, LoadError.notAcknowledged) { await $0.isAcknowledged(within: $1) }

        if let driver = drivers.first(where: { $0.unit.dialect == .two }), let screen = screens.last {
            tell(.timing)
            report.shown = await timeTheWay(from: driver, to: screen)
        }
        tell(.lastWords)
        try await sayLastWords(drivers, &lives)

        var oracle = Oracle(roster)
        for life in lives {
            for utterance in life.utterances { oracle.hear(utterance) }
        }
        tell(.comparing)
        let lastWord = time.elapsed()
        report.checks = await compare(oracle, screens)
        report.settling = time.elapsed() - lastWord
        await fill(&report, drivers, lives)
        return report
    }

    private func tell(_ phase: LoadProgress.Phase, sent: Int = 0) {
        progress(LoadProgress(phase: phase, sent: sent, of: options.messages))
    }

    /// Waits for every unit at once. Throws an error that names the units that did not succeed in time.
    private func everyone(
        _ drivers: [UnitDriver], _ failure: ([String], Duration) -> LoadError,
        _ condition: @escaping @Sendable (UnitDriver, Duration) async -> Bool
    ) async throws {
        let limit = options.workLimit
        let late = await withTaskGroup(of: String?.self) { group in
            for driver in drivers {
                group.addTask { await condition(driver, limit) ? nil : await driver.diagnosis() }
            }
            var late: [String] = []
            for await name in group { if let name { late.append(name) } }
            return late
        }
        try Task.checkCancellation()
        guard late.isEmpty else { throw failure(late.sorted(), limit) }
    }

    /// Runs every unit at once, up to its last report.
    private func drive(_ drivers: [UnitDriver]) async throws -> [UnitLife] {
        let quota = max(1, options.messages / max(1, drivers.count))
        let rate = options.rate / Double(max(1, drivers.count))
        let reserved = lostAnswer
        let limit = options.workLimit
        let (lives, stuck) = await withTaskGroup(of: (Int, UnitLife, isStuck: Bool)?.self) { group in
            for (index, driver) in drivers.enumerated() {
                var life = UnitLife(
                    driver,
                    consultations: roster.consultations.filter {
                        $0.faculty == driver.unit.faculty && $0.id != reserved?.id
                    },
                    faults: options.faults, time: time, isPathReliable: isPathReliable(index, driver.unit),
                    random: SeededRandom(seed: options.seed ^ 0x5EED, stream: index))
                group.addTask {
                    let hasFinished = await life.drive(quota: quota, rate: rate, limit: limit)
                    return (index, life, isStuck: !hasFinished)
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    do { try await time.sleep(.milliseconds(500)) } catch { break }
                    var sent = 0
                    for driver in drivers { sent += await driver.figures.sent }
                    tell(.sending, sent: sent)
                }
                return nil
            }
            var lives: [Int: UnitLife] = [:]
            var stuck: [String] = []
            while lives.count < drivers.count, let next = await group.next() {
                guard let (index, life, isStuck) = next else { continue }
                lives[index] = life
                if isStuck { stuck.append(await drivers[index].diagnosis()) }
            }
            group.cancelAll()
            return (lives.sorted { $0.key < $1.key }.map(\.value), stuck)
        }
        try Task.checkCancellation()
        guard stuck.isEmpty else { throw LoadError.stuck(units: stuck, limit: limit) }
        return lives
    }

    /// The consultation whose answer the plant withholds.
    private var lostAnswer: LoadConsultation? {
        options.plant == .lostAnswer ? roster.consultations.first : nil
    }

    private func sayLastWords(_ drivers: [UnitDriver], _ lives: inout [UnitLife]) async throws {
        var random = SeededRandom(seed: options.seed, stream: -1)
        // A withheld report is missed only if the one before it has arrived, so the unit's path must be reliable.
        let muted =
            options.plant == .lostUpdate
            ? drivers.indices.first { isPathReliable($0, drivers[$0].unit) } ?? 0 : nil
        // The unit with a planted defect stays switched on; a lost answer belongs to the first unit.
        let offCount = Int((options.offShare * Double(drivers.count)).rounded())
        let off = drivers.indices.dropFirst().filter { $0 != muted }.shuffled(using: &random).prefix(offCount)
        for index in lives.indices {
            if !isPathReliable(index, drivers[index].unit) { await drivers[index].repeatAnswers() }
            let lost = lostAnswer.flatMap { $0.faculty == drivers[index].unit.faculty ? $0.id : nil }
            await lives[index].sayLastWord(
                isWithheld: index == muted, lostAnswer: lost)
            await drivers[index].flush()
        }
        try await everyone(drivers, LoadError.notAcknowledged) { await $0.isAcknowledged(within: $1) }
        for index in off { await lives[index].switchOff() }
        let on = drivers.indices.filter { !off.contains($0) }.map { drivers[$0] }
        if options.faults.replays > 0 {
            for driver in on { await driver.replay(20) }
        }
        try await everyone(on, LoadError.notAcknowledged) { await $0.isAcknowledged(within: $1) }
    }

    /// Lets one owner come and go, and measures how long each change takes to reach a screen.
    private func timeTheWay(from driver: UnitDriver, to screen: SimulatedScreen) async -> LatencySample {
        var sample = LatencySample(seed: options.seed)
        await driver.setClear(true)
        for _ in 0..<options.probes {
            let wasPresent = await driver.isPresent()
            let begin = time.elapsed()
            await driver.take(wasPresent ? .beaconLost : .beaconSeen(rssi: -50))
            var moment: Duration?
            _ = await time.wait(upTo: .seconds(5), every: .milliseconds(2)) {
                moment = await screen.reached(wasPresent ? "away" : "available", faculty: driver.unit.faculty)
                return moment.map { $0 >= begin } ?? false
            }
            if let moment, moment >= begin { sample.add(moment - begin) }
        }
        await driver.setClear(false)
        return sample
    }

    private func fill(_ report: inout LoadReport, _ drivers: [UnitDriver], _ lives: [UnitLife]) async {
        report.units = drivers.count
        report.dialect2Units = roster.units.count { $0.dialect == .two }
        for driver in drivers {
            let figures = await driver.figures
            report.messages += figures.sent
            report.duplicates += figures.path.duplicates
            report.reorderings += figures.path.reorderings
            report.replays += figures.path.replays
            report.hostile += figures.hostile
            report.reboots += figures.reboots
            report.cuts += figures.cuts
            report.acknowledged.merge(figures.acknowledged)
        }
        for life in lives {
            if life.utterances.last?.word == .gone { report.unitsOff += 1 }
            for case .answer in life.utterances.map(\.word) { report.answers += 1 }
        }
    }
}
