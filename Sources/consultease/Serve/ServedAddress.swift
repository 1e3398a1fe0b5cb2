// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation

/// Where the server of a data folder listens, written down in the folder: so `doctor` looks there without serve's flags.
struct ServedAddress: Codable {
    private let listen: String
    private let metrics: String?

    /// - Parameter port: the one that was taken.
    init(_ settings: Settings, port: Int) {
        listen = "\(Endpoint(host: settings.listen.host, port: port))"
        metrics = settings.metrics.map { "\($0)" }
    }

    private static func file(in folder: URL) -> URL { folder.appending(path: "served.json") }

    /// Nothing depends on it: a folder that can't be written has graver faults, which others tell.
    func note(in folder: URL) {
        try? JSONEncoder().encode(self).write(to: Self.file(in: folder), options: .atomic)
    }

    /// The settings with what the folder remembers in the place of defaults. What was said by a flag, the environment or a file
    /// stays.
    static func remembered(_ settings: Settings) -> Settings {
        guard let data = try? Data(contentsOf: file(in: settings.dataFolder)),
            let served = try? JSONDecoder().decode(ServedAddress.self, from: data)
        else { return settings }
        var settings = settings
        if settings.origins[.listen] == nil, let listen = Endpoint(served.listen) { settings.listen = listen }
        if settings.origins[.metrics] == nil { settings.metrics = served.metrics.flatMap { Endpoint($0) } }
        return settings
    }
}
