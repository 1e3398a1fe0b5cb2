// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Logging

/// What commands did on a data folder, for the log of its server: each command leaves a line in a file there, and the
/// server takes the lines out. Ids alone, no names.
///
/// The server makes the file, so that it is the server's own: a command leaves nothing if there is none. Bounded: a
/// line for which there is no room any more, since no server takes lines out, is not left.
struct CommandMailbox: Sendable {
    private let path: String

    /// Of the file, in bytes: some hundred lines.
    private static let largest = 65_536
    /// How many lines the server logs at once; of more it says how many there were.
    private static let mostLogged = 20

    init(in folder: URL) {
        path = folder.appending(path: "commands.jsonl").path
    }

    struct Note: Codable, Hashable {
        /// As `unit assign`.
        let command: String
        /// The id of the person or unit, or how many.
        let subject: String
        let user: String
        /// UTC, ISO 8601.
        let at: String
    }

    /// Called after what a command did is durable. A line that can't be left costs the command nothing.
    static func leave(_ command: String, _ subject: some CustomStringConvertible, _ settings: Settings) {
        let note = Note(
            command: command, subject: "\(subject)", user: Ownership.whoRunsThis, at: WallClock.now().iso8601)
        CommandMailbox(in: settings.dataFolder).leave(note)
    }

    func leave(_ note: Note) {
        guard var line = try? JSONEncoder().encode(note) else { return }
        line.append(UInt8(ascii: "\n"))
        alone(O_RDWR | O_APPEND) { file in
            guard (try? file.seekToEnd()).map({ Int($0) + line.count <= Self.largest }) ?? false else { return }
            try? file.write(contentsOf: line)
        }
    }

    /// Takes all lines out. A line in another form is dropped.
    func take() -> [Note] {
        var data = Data()
        alone(O_RDWR) { file in
            data = (try? file.read(upToCount: Self.largest)) ?? Data()
            if !data.isEmpty { try? file.truncate(atOffset: 0) }
        }
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONDecoder().decode(Note.self, from: $0) }
    }

    /// Logs what comes in, until cancelled.
    func run(_ logger: Logger) async {
        close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        while !Task.isCancelled {
            let notes = take()
            for note in notes.prefix(Self.mostLogged) {
                logger.info(
                    "A command was run on this data folder",
                    metadata: [
                        "command": "\(note.command)", "subject": "\(note.subject)", "user": "\(note.user)",
                        "at": "\(note.at)",
                    ])
            }
            if notes.count > Self.mostLogged {
                logger.info(
                    "More commands were run on this data folder",
                    metadata: ["count": "\(notes.count - Self.mostLogged)"])
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Runs `body` while no other process has the file; not at all if it isn't there.
    private func alone(_ flags: Int32, _ body: (FileHandle) -> Void) {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // Held for a moment by others; closing lets it go.
        guard flock(descriptor, LOCK_EX) == 0 else { return }
        body(file)
    }
}
