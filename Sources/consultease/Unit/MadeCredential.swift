// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain

/// A unit's new credential, told once: to a person what to do with it, to a script what it is.
struct MadeCredential {
    let unit: UnitID
    let password: String
    /// Where the password was written instead of being shown.
    let passwordFile: String?
    let place: Place

    /// Who keeps credentials.
    enum Place {
        /// The embedded broker: it has been told, unless none runs now.
        case embedded(listens: Endpoint, isTold: Bool)
        /// An external broker, which has yet to be told.
        case ownBroker
    }

    func print(json: Bool) throws {
        if json {
            try JSONOutput.print(Output(self))
        } else {
            Swift.print(text)
        }
    }

    private var text: String {
        var lines = [
            "user      \(unit)", passwordFile.map { "password  in \($0)" } ?? "password  \(password)", "",
        ]
        switch place {
        case .embedded(let listens, let isTold):
            lines.append("Enter both at the unit, with this machine's address and the port \(listens.port).")
            lines.append(
                isTold
                    ? "The broker knows it already; the password before it no longer works."
                    : "No broker runs for this data folder now; it will know the password when it starts.")
        case .ownBroker:
            lines.append(
                "Your own broker doesn't know it yet, and nothing is kept here. Make the user there. In mosquitto:")
            lines.append("  mosquitto_passwd PASSWORD_FILE \(unit)")
            lines.append("which asks for the password, and into the acl_file; then a SIGHUP makes it read both:")
            lines += BrokerACL.rules(of: unit).map { "  \($0)" }
            lines.append("Enter user and password at the unit, with the broker's address.")
        }
        lines += trial
        if passwordFile == nil { lines.append("This is the only time that the password is shown.") }
        return lines.joined(separator: "\n")
    }

    /// How the credential is tried from a shell, and what that does.
    private var trial: [String] {
        let (host, port) =
            switch place {
            case .embedded(let listens, _): (listens.reachable.host, "\(listens.port)")
            case .ownBroker: ("BROKER", "8883")
            }
        let secret = passwordFile.map { "\"$(cat '\($0)')\"" } ?? "'\(password)'"
        let message =
            switch unit.dialect1Faculty {
            case let faculty?: "-t consultease/faculty/\(faculty)/heartbeat -m '{\"uptime\":1000}'"
            case nil:
                "-t consultease/v2/unit/\(unit)/event -m '{\"boot\":\"\(trialBoot)\",\"seq\":1,\"type\":\"beat\"}'"
            }
        return [
            "", "To try it before the unit has it (no words of mosquitto_pub mean that it was let in):",
            "  mosquitto_pub -h \(host) -p \(port) -q 1 -u \(unit) -P \(secret) \(message)",
            "Not while the unit is connected: a second client of that name disconnects it.", "",
        ]
    }

    /// A boot that no unit has had: eight hexadecimal digits.
    private var trialBoot: String {
        let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private struct Output: Encodable {
        let unit: String
        let user: String
        @OrNull var password: String?
        @OrNull var passwordFile: String?
        let brokerTold: Bool
        @OrNull var acl: [String]?

        enum CodingKeys: String, CodingKey {
            case unit, user, password, acl
            case passwordFile = "password_file"
            case brokerTold = "broker_told"
        }

        init(_ made: MadeCredential) {
            unit = made.unit.rawValue
            user = made.unit.rawValue
            password = made.passwordFile == nil ? made.password : nil
            passwordFile = made.passwordFile
            switch made.place {
            case .embedded(_, let isTold): brokerTold = isTold
            case .ownBroker:
                brokerTold = false
                acl = BrokerACL.rules(of: made.unit)
            }
        }
    }
}
