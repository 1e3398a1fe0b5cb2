// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A day in the life of a few desk units, as a schedule. Pure and seeded.
///
/// People arrive in the morning, go out for lunch, come back, press keys and leave. Beacons flap; one unit dies for a
/// while, one restarts, one loses its connection, and one is abused. A unit's index decides its trouble, so every plan
/// of at least `kindsOfTrouble` units has each kind.
package struct DayPlan: Sendable, Equatable {
    /// The happenings, ordered by time.
    package let happenings: [Happening]
    package let unitCount: Int

    package struct Happening: Sendable, Equatable {
        /// The time since midnight.
        package var at: Duration
        /// The unit's index in its roster.
        package var unit: Int
        package var step: Step

        package init(at: Duration, unit: Int, step: Step) {
            self.at = at
            self.unit = unit
            self.step = step
        }
    }

    package enum Step: Sendable, Equatable {
        case arrives
        case leaves
        /// A scan misses the beacon for a moment, which must change nothing.
        case flaps
        /// The owner presses a key without a request, to say that they are here.
        case pressesHere
        /// The panel shows a request, and the owner answers it.
        case answers(isComeNow: Bool)
        case losesContact
        case restarts
        case dies
        case comesBack
        case isAbused
    }

    static let kindsOfTrouble = 5

    package init(seed: UInt64, unitCount: Int = 12) {
        self.unitCount = unitCount
        var happenings: [Happening] = []
        for unit in 0..<unitCount {
            var random = SeededRandom(seed: seed, stream: unit)
            happenings += Self.day(of: unit, using: &random)
        }
        self.happenings = happenings.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// Plans one unit's office hours, with lunch.
    private static func day(of unit: Int, using random: inout SeededRandom) -> [Happening] {
        func around(_ hour: Double, _ spread: Double) -> Duration {
            .seconds((hour + Double.random(in: -spread...spread, using: &random)) * 3_600)
        }
        var day: [Happening] = []
        func add(_ at: Duration, _ step: Step) { day.append(Happening(at: at, unit: unit, step: step)) }
        let (arrival, lunch, back, evening) = (around(8.5, 1), around(12, 0.5), around(13.25, 0.4), around(17, 1))
        add(arrival, .arrives)
        add(lunch, .leaves)
        add(back, .arrives)
        add(evening, .leaves)
        // Short errands, and a beacon that is missed now and then.
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            add(.random(in: arrival + .seconds(60)...lunch - .seconds(60), using: &random), .flaps)
        }
        let errand = Duration.random(in: back + .seconds(600)...evening - .seconds(2_400), using: &random)
        add(errand, .leaves)
        add(errand + .seconds(Double.random(in: 300...1_500, using: &random)), .arrives)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let at = Duration.random(in: arrival + .seconds(120)...lunch - .seconds(120), using: &random)
            add(at, .answers(isComeNow: Bool.random(using: &random)))
        }
        day += trouble(of: unit, using: &random)
        return day
    }

    private static func trouble(of unit: Int, using random: inout SeededRandom) -> [Happening] {
        func at(_ from: Double, _ to: Double) -> Duration {
            .seconds(Double.random(in: from...to, using: &random) * 3_600)
        }
        switch unit % kindsOfTrouble {
        case 0: return [Happening(at: at(9.5, 16), unit: unit, step: .isAbused)]
        case 1: return [Happening(at: at(9.5, 16), unit: unit, step: .losesContact)]
        case 2: return [Happening(at: at(9.5, 16), unit: unit, step: .restarts)]
        case 3:
            let death = at(10, 14)
            return [
                Happening(at: death, unit: unit, step: .dies),
                Happening(at: death + .seconds(1_800), unit: unit, step: .comesBack),
            ]
        default: return [Happening(at: at(10, 15), unit: unit, step: .pressesHere)]
        }
    }
}

extension Duration {
    /// Returns a uniformly random duration in whole milliseconds.
    static func random(
        in range: ClosedRange<Duration>, using random: inout some RandomNumberGenerator
    ) -> Duration {
        .milliseconds(
            Int64.random(
                in: Int64(range.lowerBound.milliseconds)...Int64(range.upperBound.milliseconds), using: &random))
    }
}
