// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// How a fleet behaves, and how it is judged.
package struct LoadOptions: Sendable {
    /// How many messages the fleet sends in all, faults included, before its last words.
    package var messages: Int
    /// Messages a second, in all; 0 is as fast as it goes.
    package var rate: Double
    package var seed: UInt64
    package var faults: FaultRates
    /// How many simulated screens follow the event stream, and how often each drops its connection, 0…1 an event.
    package var screens: Int
    package var screenCuts: Double
    /// The share of units that are switched off at the end, 0…1.
    package var offShare: Double
    /// How often the way from a button to a screen is timed.
    package var probes: Int
    /// How long the server may take to show the end state.
    package var limit: Duration
    package var plant: Plant?

    /// How long the fleet may take to connect, to send and to be acknowledged: this is no judgement of what is shown.
    var workLimit: Duration { max(limit, .seconds(40)) }

    package init(
        messages: Int = 6_000, rate: Double = 500, seed: UInt64, faults: FaultRates = .standard, screens: Int = 4,
        screenCuts: Double = 0.01, offShare: Double = 0.1, probes: Int = 50, limit: Duration = .seconds(60),
        plant: Plant? = nil
    ) {
        self.messages = messages
        self.rate = rate
        self.seed = seed
        self.faults = faults
        self.screens = screens
        self.screenCuts = screenCuts
        self.offShare = offShare
        self.probes = probes
        self.limit = limit
        self.plant = plant
    }
}

extension FaultRates {
    /// What a bad week in a big building looks like, all at once.
    package static let standard = FaultRates(
        duplicates: 0.05, reorderings: 0.05, replays: 0.02, reboots: 0.005, cuts: 0.01, silences: 0.002, hostile: 0.01)
}

/// A defect planted to prove that the comparison would see one. A run with a plant must fail.
package enum Plant: String, Sendable, CaseIterable {
    /// One unit's last word never leaves it.
    case lostUpdate = "lost-update"
    /// One screen ignores every change.
    case staleSubscriber = "stale-subscriber"
    /// One answer never leaves its unit.
    case lostAnswer = "lost-answer"
}

/// What can't be run or judged.
package enum LoadError: Error, Sendable, CustomStringConvertible {
    case nothingToCheck
    case plantNeeds(Plant, String)
    case notConnected(units: [String], limit: Duration)
    case notAcknowledged(units: [String], limit: Duration)
    case stuck(units: [String], limit: Duration)

    package var description: String {
        switch self {
        case .nothingToCheck:
            "There is nothing to compare with. Name the server (--http), its database (--database), or both."
        case .plantNeeds(let plant, let what): "The plant \(plant.rawValue) needs \(what)."
        case .notConnected(let units, let limit):
            "\(Self.count(units)) had no connection within \(Self.seconds(limit)): \(Self.listed(units)). Is the broker "
                + "there, and do their credentials hold?"
        case .notAcknowledged(let units, let limit):
            "\(Self.count(units)) had no word of the database for \(Self.seconds(limit)): \(Self.listed(units)). Does the "
                + "server run, and do these units exist there?"
        case .stuck(let units, let limit):
            "\(Self.count(units)) sent nothing more for \(Self.seconds(limit)): \(Self.listed(units)). Does the broker take "
                + "their messages?"
        }
    }

    private static func count(_ units: [String]) -> String { units.count == 1 ? "1 unit" : "\(units.count) units" }

    private static func seconds(_ limit: Duration) -> String { "\(limit.components.seconds) s" }

    private static func listed(_ names: [String]) -> String {
        names.prefix(5).joined(separator: "; ") + (names.count > 5 ? "; …" : "")
    }
}
