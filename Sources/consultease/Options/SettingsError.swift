// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A setting that can't be used: which one, where it stands, and the remedy.
struct SettingsError: Error, CustomStringConvertible {
    /// The setting's key; nil if the text names it.
    let setting: String?
    /// Nil for what is not shown.
    let value: String?
    let remedy: String
    var origin: SettingOrigin?

    init(setting: String, value: String?, remedy: String, origin: SettingOrigin? = nil) {
        self.setting = setting
        self.value = value
        self.remedy = remedy
        self.origin = origin
    }

    /// One whose text says everything.
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
