// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Configuration
import Foundation

/// The environment and the file; a flag goes before both.
struct SettingSources {
    /// Keys begin with `CONSULTEASE_`.
    private let environment: ConfigReader
    /// Keys stand bare.
    private let file: ConfigReader?

    /// `file`: a JSON file; must exist where it is named.
    init(file: String?) async throws {
        environment = ConfigReader(provider: EnvironmentVariablesProvider()).scoped(to: "consultease")
        self.file = if let file { try await Self.read(file) } else { nil }
    }

    private static func read(_ file: String) async throws -> ConfigReader {
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw SettingsError(setting: "config", value: file, remedy: "name a JSON file that can be read")
        }
        let path = ConfigReader(
            provider: InMemoryProvider(values: ["filePath": ConfigValue(.string(file), isSecret: false)]))
        do {
            return ConfigReader(provider: try await FileProvider<JSONSnapshot>(config: path))
        } catch {
            throw SettingsError(setting: "config", value: file, remedy: "it is no JSON object: \(error)")
        }
    }

    func string(_ key: ConfigKey, flag: String?) -> String? {
        flag ?? environment.string(forKey: key) ?? file?.string(forKey: key)
    }

    /// A secret is never a flag: command lines can be read by everybody on the machine.
    func secret(_ key: ConfigKey) -> String? {
        environment.string(forKey: key, isSecret: true) ?? file?.string(forKey: key, isSecret: true)
    }
}
