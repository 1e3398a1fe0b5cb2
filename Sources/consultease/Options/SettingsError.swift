// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A setting that can't be used, with its source and the remedy.
struct SettingsError: Error, CustomStringConvertible {
    /// The setting's key; nil if the text names it.
    let setting: String?
    /// Nil if it must not be shown.
    let value: String?
    let remedy: String
    var origin: SettingOrigin?

    init(setting: String, value: String?, remedy: String, origin: SettingOrigin? = nil) {
        self.setting = setting
        self.value = value
        self.remedy = remedy
        self.origin = origin
    }

    /// An error whose text needs no value and no remedy.
    init(_ text: String) {
        setting = nil
        value = nil
        remedy = text
    }

    var description: String {
        guard let setting else { return remedy }
        let place = origin?.place.map { " (\($0))" } ?? ""
        return "\(setting)\(value.map { " is \"\($0)\"" } ?? "")\(place): \(remedy)"
    }
}
