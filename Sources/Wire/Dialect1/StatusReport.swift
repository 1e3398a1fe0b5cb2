// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// A message of a dialect 1 unit on `status` or `professor/status`, or on `mac_status` from the MAC generation.
package struct StatusReport: Hashable, Sendable {
    package enum Word: Hashable, Sendable {
        case present(Bool)
        /// Only "online" or "offline": about the link, not about presence (rule 3).
        case online(Bool)
    }

    package var word: Word
    /// Uptime in ms, 0…2³²−1, which orders the reports (rule 5); nil if it is missing or invalid.
    package var timestamp: Int64?
    /// The beacon that `mac_status` names.
    package var beacon: BeaconAddress?
    /// Whether the unit still waits before it reports the person away. It never changes `present`.
    package var inGracePeriod: Bool?
    /// The remaining time of that wait, in ms.
    package var gracePeriodRemaining: Int64?

    package init(
        word: Word, timestamp: Int64? = nil, beacon: BeaconAddress? = nil, inGracePeriod: Bool? = nil,
        gracePeriodRemaining: Int64? = nil
    ) {
        self.word = word
        self.timestamp = timestamp
        self.beacon = beacon
        self.inGracePeriod = inGracePeriod
        self.gracePeriodRemaining = gracePeriodRemaining
    }
}

/// The range of uptime in ms in old units: it restarts with the unit and at 2³² (rule 5).
let uptimeRange: ClosedRange<Int64> = 0...4_294_967_295

extension StatusReport {
    /// The words that may be the whole payload on `status` and `professor/status`, in lower case.
    static let bareWords = ["faculty_present", "faculty_absent", "keychain_connected", "keychain_disconnected"]

    /// The keys that decide on each topic (rule 4).
    static let decidingKeys = ["faculty_id", "present", "status"]
    static let decidingKeysOfProfessor = ["faculty_id", "status"]
    static let decidingKeysOfMAC = ["faculty_id", "status", "mac"]

    /// Makes a report from one of `bareWords`.
    init(bareWord: String) {
        self.init(word: .present(bareWord == "faculty_present" || bareWord == "keychain_connected"))
    }

    /// Reads a `status` message (rules 2 and 3).
    init(status object: JSONObject) throws(RefusalReason) {
        let present: Bool? =
            switch object.value("present") {
            case nil: nil
            case .bool(let value): value
            default: throw .badPresent
            }
        let status: String? =
            switch object.value("status") {
            case nil: nil
            case .string(let text): text
            default: throw .badStatus
            }
        self.init(word: try Self.word(present: present, status: status), decorations: object)
    }

    /// Reads a `professor/status` message: its `status` is a boolean, and decides alone (rule 1).
    init(professor object: JSONObject) throws(RefusalReason) {
        switch object.value("status") {
        case .bool(let present): self.init(word: .present(present), decorations: object)
        case nil: throw .noPresence
        default: throw .badStatus
        }
    }

    /// Reads a `mac_status` message (rule 9); the judge later checks that the beacon is the person's.
    init(macStatus object: JSONObject) throws(RefusalReason) {
        guard case .string(let status) = object.value("status") else { throw .badStatus }
        let present = status.isWord("faculty_present")
        guard present || status.isWord("faculty_absent") else { throw .unknownWord }
        let text: String
        switch object.value("mac") {
        case nil: text = ""
        case .string(let mac): text = mac
        default: throw .badMAC
        }
        let beacon = BeaconAddress(text)
        guard beacon != nil || (text.isEmpty && !present) else { throw .badMAC }
        self.init(word: .present(present), decorations: object)
        self.beacon = beacon
        // Rule 5 orders only `status`, and the units of this generation send a constant here.
        timestamp = nil
    }

    private init(word: Word, decorations object: JSONObject) {
        self.init(
            word: word, timestamp: object.whole("timestamp", in: uptimeRange),
            inGracePeriod: object.bool("in_grace_period"),
            gracePeriodRemaining: object.whole("grace_period_remaining", in: uptimeRange))
    }

    private static func word(present: Bool?, status: String?) throws(RefusalReason) -> Word {
        let said: Bool? =
            switch status {
            case .some(let text) where text.isWord("available"): true
            case .some(let text) where text.isWord("away"): false
            default: nil
            }
        if let present {
            guard said == nil || said == present else { throw .contradiction }
            return .present(present)
        }
        if let said { return .present(said) }
        guard let status else { throw .noPresence }
        if status.isWord("online") { return .online(true) }
        if status.isWord("offline") { return .online(false) }
        throw .unknownWord
    }
}
