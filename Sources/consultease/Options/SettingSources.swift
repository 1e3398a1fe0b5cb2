// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The command line, the environment and the file of settings, in order of precedence.
struct SettingSources: Sendable {
    private let flags: SettingFlags
    private let environment: [SettingName: String]
    private let file: SettingFile?

    /// Throws `SettingsError` if the file can't be used, or if a variable with our prefix is no setting: if a misspelt
    /// name were ignored, the server could serve another database than the intended one.
    init(_ flags: SettingFlags, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        self.flags = flags
        self.environment = try SettingVariables.values(in: environment)
        file = try flags.config.map { try SettingFile(reading: $0) }
    }

    /// Returns the value and its source; nil if the setting isn't given.
    func found(_ name: SettingName) -> (text: String, origin: SettingOrigin)? {
        if let text = flags[name] { return (text, .flag(name.flag ?? name.rawValue)) }
        if let text = environment[name] { return (text, .environment(name.variable)) }
        if let file, let text = file.values[name] { return (text, .file(file.path)) }
        return nil
    }

    /// Throws for an empty value, which would otherwise silently mean the default.
    func string(_ name: SettingName) throws -> String? {
        guard let (text, origin) = found(name) else { return nil }
        guard !text.isEmpty else {
            throw SettingsError(
                setting: name.rawValue, value: "", remedy: "give it a value, or leave it out", origin: origin)
        }
        return text
    }

    /// Treats an empty secret as not given: an environment file may list the secrets that can be filled in.
    func secret(_ name: SettingName) -> String? {
        found(name).flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    /// The source of each setting that is given.
    var origins: [SettingName: SettingOrigin] {
        var origins: [SettingName: SettingOrigin] = [:]
        for name in SettingName.allCases {
            guard let (text, origin) = found(name), !text.isEmpty else { continue }
            origins[name] = origin
        }
        return origins
    }
}
