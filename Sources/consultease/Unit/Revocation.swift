// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation
import Store

/// A unit's access to the broker, taken away at once.
struct Revocation {
    /// Whether the embedded broker had a credential of the unit.
    let hadCredential: Bool
    /// Whether a running broker was told, which cuts the unit off.
    let isTold: Bool
    /// The broker that keeps credentials: an external one has yet to be told.
    let isOwnBroker: Bool
    let at = WallClock.now()
    let user = Ownership.whoRunsThis

    /// Takes the credential away and makes a running broker read its files again.
    static func of(_ unit: UnitID, _ store: Store, _ settings: Settings) async throws -> Revocation {
        guard settings.broker == nil else {
            return Revocation(hadCredential: false, isTold: false, isOwnBroker: true)
        }
        let folder = BrokerFolder(in: settings.dataFolder)
        guard FileIdentity(of: folder.url.path) != nil else {
            return Revocation(hadCredential: false, isTold: false, isOwnBroker: false)
        }
        let had = try folder.removeCredential(of: unit)
        try folder.follow(try await BrokerFacts.current(in: store))
        return Revocation(hadCredential: had, isTold: EmbeddedBroker.reload(folder), isOwnBroker: false)
    }

    /// For people, with what an audit asks for: who, what, when.
    func text(of unit: UnitID, _ time: LocalTime) -> [String] {
        let trail = "\(time.text(at)), by the user \(user)"
        if isOwnBroker {
            return [
                "Your own broker still lets \(unit) in. In mosquitto, take its user away, and its rules out of the acl_file:",
                "  mosquitto_passwd -D PASSWORD_FILE \(unit)",
                "then a SIGHUP makes it read both. Told \(trail).",
            ]
        }
        guard hadCredential else { return ["\(unit) had no credential at the broker. Looked \(trail)."] }
        let effect =
            isTold
            ? "the broker knows it already, and has cut the unit off" : "no broker runs for this data folder now"
        var lines = ["Revoked the credential of \(unit): \(effect). \(trail)."]
        if unit.dialect1Faculty != nil {
            lines.append("An old unit needs none where --open-desks is on: there it is let in all the same.")
        }
        return lines
    }

    struct Output: Encodable {
        let unit: String
        let revoked: Bool
        let brokerTold: Bool
        let at: String
        let by: String

        enum CodingKeys: String, CodingKey {
            case unit, revoked, at, by
            case brokerTold = "broker_told"
        }
    }

    func output(of unit: UnitID) -> Output {
        Output(unit: unit.rawValue, revoked: hadCredential, brokerTold: isTold, at: at.iso8601, by: user)
    }
}
