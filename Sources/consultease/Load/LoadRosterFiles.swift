// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Foundation
import Simulation

/// The files of a roster: the CSV files to import into a server, and the units' credentials.
enum LoadRosterFiles {
    static func write(_ roster: LoadRoster, into folder: String) throws {
        let url = URL(filePath: folder)
        try FailureInWords.makeFolder(url)
        for (name, text) in [
            ("faculty.csv", roster.facultyCSV), ("units.csv", roster.unitsCSV),
            ("consultations.csv", roster.consultationsCSV),
        ] {
            try Data(text.utf8).write(to: url.appending(path: name))
        }
    }

    /// Adds the credentials from a file that has a line `unit,password` for each unit.
    static func addCredentials(from file: String, to roster: inout LoadRoster) throws {
        let bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(of: file)
        } catch {
            throw ValidationError("the credentials: \(error)")
        }
        var passwords: [String: String] = [:]
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            guard let comma = line.firstIndex(of: ",") else {
                throw ValidationError("\(file):\(index + 1): write UNIT,PASSWORD")
            }
            passwords[String(line[..<comma])] = String(line[line.index(after: comma)...])
        }
        for index in roster.units.indices {
            guard let password = passwords[roster.units[index].unit] else { continue }
            roster.units[index].userName = roster.units[index].unit
            roster.units[index].password = password
        }
    }
}
