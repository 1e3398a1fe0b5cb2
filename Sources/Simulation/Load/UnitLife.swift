// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit

/// Plays the life of one unit of the fleet step by step, seeded, and tells the oracle what it must know.
///
/// The owner comes, goes and answers; the unit is cut off, restarted, silent and abused. It ends with a definite last
/// report.
struct UnitLife: Sendable {
    private let driver: UnitDriver
    private let unit: LoadUnit
    private let faults: FaultRates
    private let time: SimulationTime
    private let isPathReliable: Bool
    private var random: SeededRandom
    private var pending: [LoadConsultation]
    private var step = 0
    private(set) var utterances: [Utterance] = []

    /// How many steps a unit takes without contact: an old unit's queue of ten can hold their messages.
    private static let offlineSteps = 3
    private static let deliveryTimeout = Duration.seconds(30)

    init(
        _ driver: UnitDriver, consultations: [LoadConsultation], faults: FaultRates, time: SimulationTime,
        isPathReliable: Bool, random: SeededRandom
    ) {
        self.driver = driver
        unit = driver.unit
        pending = consultations
        self.faults = faults
        self.time = time
        self.isPathReliable = isPathReliable
        self.random = random
    }

    /// Takes steps until the unit has sent `quota` messages, at most `rate` per second; 0 means as fast as possible.
    /// Returns false if it sent nothing for as long as `limit`.
    mutating func drive(quota: Int, rate: Double, limit: Duration) async -> Bool {
        let begin = time.elapsed()
        var (lastSent, lastSentAt) = (0, begin)
        var withoutContact = 0
        await say(isPresent: random.chance(0.5))
        while !Task.isCancelled {
            let sent = await driver.figures.sent
            guard sent < quota else { return true }
            if sent > lastSent { (lastSent, lastSentAt) = (sent, time.elapsed()) }
            guard time.elapsed() - lastSentAt < limit else { return false }
            if rate > 0 {
                let ahead = .seconds(Double(sent) / rate) - (time.elapsed() - begin)
                if ahead > .zero { try? await time.sleep(ahead) }
            }
            _ = await driver.hasRoom(within: Self.deliveryTimeout)
            withoutContact = await driver.isConnected ? 0 : withoutContact + 1
            if withoutContact > Self.offlineSteps {
                _ = await driver.hasConnected(within: Self.deliveryTimeout)
                continue
            }
            await takeStep()
            // Without a rate limit, other tasks need a turn.
            await Task.yield()
        }
        return true
    }

    private mutating func takeStep() async {
        if random.chance(faults.cuts) { await driver.cut() }
        if random.chance(faults.hostile) { await driver.sendHostile() }
        if random.chance(faults.silences) {
            try? await time.sleep(.seconds(Double.random(in: 0.5...2, using: &random)))
        }
        if random.chance(faults.reboots) {
            guard await driver.reboot() else { return }
            // A restarted unit knows nothing until it has scanned. An old one's uptime is then near 0, and its first
            // report must come before any leap.
            await say(isPresent: random.chance(0.5), leaps: false)
        }
        // An old unit counts uptime in 32 bits, so it restarts before they overflow.
        if unit.dialect == .one, await driver.uptime().milliseconds > 3_000_000_000 { _ = await driver.reboot() }
        if !pending.isEmpty, random.chance(0.05) {
            await answerNext()
        } else if unit.dialect == .one, random.chance(0.2) {
            await driver.take(.tick)
        } else {
            await say(isPresent: random.chance(0.1) ? await driver.isPresent() : !(await driver.isPresent()))
        }
    }

    private mutating func utter(_ word: Utterance.Word) async {
        step += 1
        let place = Utterance.Place(life: await driver.currentLife(), step: step)
        utterances.append(Utterance(faculty: unit.faculty, place: place, word: word))
    }

    /// Lets the owner come, or go for long enough to count as away.
    private mutating func say(isPresent: Bool, leaps: Bool = true) async {
        if isPresent {
            await driver.take(.beaconSeen(rssi: Int8.random(in: -80 ... -40, using: &random)), leaps: leaps)
        } else {
            await driver.take(.beaconLost, leaps: leaps)
            if unit.dialect == .one { await driver.take(.tick) }
        }
        await utter(isPresent ? .present : .absent)
    }

    private mutating func answerNext() async {
        let consultation = pending.removeFirst()
        guard let first = await answer(consultation.id) else { return }
        // On a path that can't lose messages, a person sometimes answers twice: the first answer stands.
        guard isPathReliable, random.chance(0.3) else { return }
        await driver.flush()
        guard await driver.isAcknowledged(within: Self.deliveryTimeout) else { return }
        _ = await answer(consultation.id, otherThan: first)
    }

    /// Shows a request and presses a key. Returns nil if the unit can't be brought to show the request.
    private mutating func answer(_ consultation: Int64, otherThan former: OracleAnswer? = nil) async -> OracleAnswer? {
        if !(await driver.isPresent()) { await say(isPresent: true) }
        if unit.dialect == .two { guard await driver.isAcknowledged(within: Self.deliveryTimeout) else { return nil } }
        await driver.show(
            consultation: consultation, student: "Student \(consultation)", topic: "Thesis", text: "May I come?")
        for _ in 0..<3 where !(await driver.isAsking()) { await driver.take(.pressed(.left, .short)) }
        let choices = Self.presses(unit.dialect).filter { $0.answer != former }
        guard await driver.isAsking(), let choice = choices.randomElement(using: &random) else { return nil }
        await driver.take(.pressed(choice.key, choice.press))
        await utter(.answer(consultation: consultation, choice.answer))
        return choice.answer
    }

    private static func presses(_ dialect: UnitDialect) -> [(key: Key, press: Press, answer: OracleAnswer)] {
        switch dialect {
        case .one: [(.left, .short, .accepted), (.right, .short, .busy)]
        case .two:
            [
                (.left, .short, .accepted), (.left, .held, .accepted), (.right, .short, .busy),
                (.right, .held, .accepted),
            ]
        }
    }

    /// Sends the last report, which decides the end state in any order of arrival.
    ///
    /// - Parameters:
    ///   - isWithheld: plants a lost update: the oracle hears it, but it never leaves the unit.
    ///   - lostAnswer: plants a lost answer in the same way.
    mutating func sayLastWord(isWithheld: Bool, lostAnswer: Int64?) async {
        if let lostAnswer { await utter(.answer(consultation: lostAnswer, .accepted)) }
        let isPresent = random.chance(0.5)
        await say(isPresent: !isPresent)
        if unit.dialect == .one {
            // The heartbeat tells when the unit started, so the report that follows at once is in order, whatever came
            // before.
            await driver.take(.tick)
            _ = await driver.isSettled(within: Self.deliveryTimeout)
        }
        if isWithheld { return await utter(isPresent ? .present : .absent) }
        // The path is clear now. An old unit's report within its grace has an uptime close to that heartbeat's, so a
        // delayed one would be taken for the newest. Another heartbeat, after the leap that ends the grace, separates
        // the two.
        if unit.dialect == .one { await driver.setClear(true) }
        await say(isPresent: isPresent, leaps: false)
        if unit.dialect == .one, !isPresent {
            _ = await driver.isSettled(within: Self.deliveryTimeout)
            await driver.take(.tick)
            _ = await driver.isSettled(within: Self.deliveryTimeout)
        }
    }

    mutating func switchOff() async {
        await driver.switchOff()
        await utter(.gone)
    }
}
