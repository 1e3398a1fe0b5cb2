// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The behaviour of a fleet, and the limits by which it is judged.
package struct LoadOptions: Sendable {
    /// The number of messages of the whole fleet, including faults, before its last reports.
    package var messages: Int
    /// The fleet's messages per second; 0 means as fast as possible.
    package var rate: Double
    package var seed: UInt64
    package var faults: FaultRates
    /// The number of simulated screens that follow the event stream, and the probability, 0…1, that a screen drops its
    /// connection at an event.
    package var screens: Int
    package var screenCuts: Double
    /// The share of units that are switched off at the end, 0…1.
    package var offShare: Double
    /// How often the time from a beacon to a screen is measured.
    package var probes: Int
    /// Bounds the time until the server shows the end state.
    package var limit: Duration
    package var plant: Plant?

    /// Bounds connecting, sending and acknowledging. It is no criterion for what is shown.
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
    /// The faults of a bad week in a big building, all at once.
    package static let standard = FaultRates(
        duplicates: 0.05, reorderings: 0.05, replays: 0.02, reboots: 0.005, cuts: 0.01, silences: 0.002, hostile: 0.01)
}

/// A planted defect, which proves that the comparison would find one. A run with a plant must fail.
package enum Plant: String, Sendable, CaseIterable {
    /// One unit never sends its last report.
    case lostUpdate = "lost-update"
    /// One screen ignores every change.
    case staleSubscriber = "stale-subscriber"
    /// One unit never sends one of its answers.
    case lostAnswer = "lost-answer"
}

/// Why a run can't be made or judged.
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
