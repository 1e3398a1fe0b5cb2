// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Wire

/// A JSON file of settings: `{"listen": "127.0.0.1:8080", "log": {"level": "debug"}}`. A key with a dot may be nested.
struct SettingFile: Sendable {
    let path: String
    let values: [SettingName: String]

    /// Throws `SettingsError` if the file can't be read, is no JSON object, or has an unknown key or a wrong type.
    init(reading path: String) throws {
        self.path = path
        var bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(of: path)
        } catch {
            throw SettingsError(setting: "config", value: path, remedy: "\(error)")
        }
        // Some editors on Windows begin a file with a byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        let root: JSONValue
        do {
            root = try JSONParser.parse(bytes)
        } catch {
            throw SettingsError(setting: "config", value: path, remedy: Self.words(error, in: bytes))
        }
        guard case .object(let object) = root else {
            throw SettingsError(
                setting: "config", value: path, remedy: "write one JSON object, as {\"listen\": \"127.0.0.1:8080\"}")
        }
        var values: [SettingName: String] = [:]
        try Self.take(object, below: "", from: path, into: &values)
        self.values = values
    }

    private static func take(
        _ object: JSONObject, below prefix: String, from path: String, into values: inout [SettingName: String]
    ) throws {
        for member in object.members {
            let key = prefix + member.key
            let known = SettingName.allCases.map(\.rawValue)
            // An empty object is no nesting if a value is expected.
            if case .object(let nested) = member.value, known.contains(where: { $0.hasPrefix(key + ".") }),
                !nested.members.isEmpty || !known.contains(key)
            {
                try take(nested, below: key + ".", from: path, into: &values)
                continue
            }
            guard let name = SettingName(rawValue: key) else {
                throw SettingsError(
                    "there is no setting \"\(key)\", which stands in \(path)\(NearName.question(key, among: known))"
                        + " `consultease settings` lists them")
            }
            guard let text = text(of: member.value, orNumber: name.isNumber) else {
                throw SettingsError(
                    "\(key) in \(path) is \(kind(of: member.value)): write text in quotes, or leave the key out")
            }
            guard values.updateValue(text, forKey: name) == nil else {
                throw SettingsError("\(key) stands twice in \(path): leave one")
            }
        }
    }

    private static func text(of value: JSONValue, orNumber takesNumber: Bool) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number) where takesNumber: number.whole.map { String($0) }
        case .null, .bool, .number, .array, .object: nil
        }
    }

    private static func kind(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }

    private static func words(_ error: JSONError, in bytes: [UInt8]) -> String {
        switch error {
        case .notUTF8: return "the file is no UTF-8 text: save it as UTF-8"
        case .tooDeep: return "objects are nested too deep in it"
        case .malformed(let position):
            let before = bytes[..<min(position, bytes.count)]
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            // Columns are counted in characters, as editors do.
            let column = String(decoding: before[start...], as: UTF8.self).count + 1
            guard position < bytes.count else {
                return "line \(line), column \(column): the file ends too early; a } or a quote is missing"
            }
            let character = String(decoding: bytes[position...], as: UTF8.self).first.map { "'\($0)'" } ?? "this"
            return
                "line \(line), column \(column): JSON can't go on with \(character.debugDescription.dropFirst().dropLast()); look for a comma, a colon or a quote that is missing or too much"
        }
    }
}
