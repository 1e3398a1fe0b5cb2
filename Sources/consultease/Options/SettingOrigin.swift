// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The source of a setting's value.
enum SettingOrigin: Hashable, Sendable {
    case flag(String)
    case environment(String)
    case file(String)
    case `default`

    /// One word, for scripts.
    var kind: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file: "file"
        case .default: "default"
        }
    }

    /// The flag, the variable or the file; nil for a default.
    var place: String? {
        switch self {
        case .flag(let place), .environment(let place), .file(let place): place
        case .default: nil
        }
    }
}
