// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The command line, the environment and the file of settings, in the order in which they count.
struct SettingSources: Sendable {
    private let flags: SettingFlags
    private let environment: [SettingName: String]
    private let file: SettingFile?

    /// Throws `SettingsError` for a file that can't be used, and for a name of ours that is no setting: what is written and then
    /// ignored would let another database be served than the one that was meant.
    init(_ flags: SettingFlags, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        self.flags = flags
        self.environment = try SettingVariables.values(in: environment)
        file = try flags.config.map { try SettingFile(reading: $0) }
    }

    /// The text and where it stands; nil if it stands nowhere.
    func found(_ name: SettingName) -> (text: String, origin: SettingOrigin)? {
        if let text = flags[name] { return (text, .flag(name.flag ?? name.rawValue)) }
        if let text = environment[name] { return (text, .environment(name.variable)) }
        if let file, let text = file.values[name] { return (text, .file(file.path)) }
        return nil
    }

    /// Throws for an empty text: who writes a setting without a value would be given the default without a word.
    func string(_ name: SettingName) throws -> String? {
        guard let (text, origin) = found(name) else { return nil }
        guard !text.isEmpty else {
            throw SettingsError(
                setting: name.rawValue, value: "", remedy: "give it a value, or leave it out", origin: origin)
        }
        return text
    }

    /// An empty secret is none: a file of variables names the ones that may be filled in.
    func secret(_ name: SettingName) -> String? {
        found(name).flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    /// Where each setting that was set stands.
    var origins: [SettingName: SettingOrigin] {
        var origins: [SettingName: SettingOrigin] = [:]
        for name in SettingName.allCases {
            guard let (text, origin) = found(name), !text.isEmpty else { continue }
            origins[name] = origin
        }
        return origins
    }
}
