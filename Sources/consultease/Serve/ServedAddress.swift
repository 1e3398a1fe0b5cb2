// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation

/// The address of a data folder's server. The server writes it into the folder, so `doctor` needs none of serve's
/// flags.
struct ServedAddress: Codable {
    private let listen: String
    private let metrics: String?

    /// - Parameter port: the one that was taken.
    init(_ settings: Settings, port: Int) {
        listen = "\(Endpoint(host: settings.listen.host, port: port))"
        metrics = settings.metrics.map { "\($0)" }
    }

    private static func file(in folder: URL) -> URL { folder.appending(path: "served.json") }

    /// Writes the address down. A failure is ignored: the server works without the file, and `doctor` reports an
    /// unwritable folder.
    func note(in folder: URL) {
        guard let data = try? JSONEncoder().encode(self) else { return }
        _ = WholeFile.write(data, to: Self.file(in: folder))  // Only `doctor` reads it.
    }

    /// Returns the settings with the folder's addresses in the place of defaults. Values from a flag, the environment
    /// or a file stay.
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
