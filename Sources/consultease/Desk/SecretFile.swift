// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Foundation

/// Reads a secret from the first line of a file.
enum SecretFile {
    static func read(_ path: String) throws -> String {
        let bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(of: path)
        } catch {
            throw ValidationError("the password file: \(error)")
        }
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        guard !line.isEmpty else { throw ValidationError("the password file \(path) is empty") }
        return String(line)
    }
}
