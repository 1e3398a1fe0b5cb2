// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation
import Store

/// The embedded broker's rules depend on each unit's assignment, so they follow the commands that change it.
enum BrokerRules {
    /// Writes the rules anew and makes a running broker read them. Without an embedded broker there is nothing to
    /// write; before its first start, that start will do it.
    static func follow(_ store: Store, _ settings: Settings) async throws {
        let folder = BrokerFolder(in: settings.dataFolder)
        guard settings.broker == nil, FileManager.default.fileExists(atPath: folder.url.path) else { return }
        do {
            try folder.follow(try await BrokerFacts.current(in: store))
        } catch {
            throw CommandError(
                "it is stored, but the broker's rules could not follow: \(error); a start of `consultease serve` writes them"
            )
        }
        EmbeddedBroker.reload(folder)
    }
}
