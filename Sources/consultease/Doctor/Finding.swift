// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The result of one check.
struct Finding: Encodable, Sendable {
    enum Status: String, Encodable, Sendable {
        case ok
        case failed
        /// The check doesn't apply, or needs something whose failure another check reports.
        case skipped
    }

    /// The check's name. It is stable, for scripts.
    let name: String
    let status: Status
    let detail: String
    /// The remedy; nil unless the check failed.
    @OrNull private(set) var fix: String?

    static func ok(_ name: String, _ detail: String) -> Finding {
        Finding(name: name, status: .ok, detail: detail, fix: nil)
    }

    static func skipped(_ name: String, _ why: String) -> Finding {
        Finding(name: name, status: .skipped, detail: why, fix: nil)
    }

    static func failed(_ name: String, _ detail: String, fix: String) -> Finding {
        Finding(name: name, status: .failed, detail: detail, fix: fix)
    }

    var text: String {
        let lines = "\(status.rawValue)\(String(repeating: " ", count: 9 - status.rawValue.count))\(name): \(detail)"
        return fix.map { "\(lines)\n         fix: \($0)" } ?? lines
    }
}
