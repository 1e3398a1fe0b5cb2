// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A setting that can't be used, with the remedy.
struct SettingsError: Error, CustomStringConvertible {
    let setting: String
    let value: String
    let remedy: String

    var description: String { "\(setting) is \"\(value)\": \(remedy)" }
}
