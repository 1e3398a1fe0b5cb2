// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL

// How the facts of a `World` are read from their columns.

extension UnitFacts {
    /// Reads the columns from `dialect` on, as `WorldRepository.units` selects them.
    init(from row: inout RowReader) throws(SQLError) {
        self.init(dialect: try row.next(), faculty: try row.next())
        // Without a row of its own the link is that of a unit that was never heard.
        guard let link = try row.nextIfJoined(UnitLink.self) else { return }
        self.link = link
        let uptime: Int64? = try row.next()
        let arrivedAt: Timestamp? = try row.next()
        if let uptime, let arrivedAt { self.uptime.lastStatus = UptimeStamp(uptime: uptime, arrivedAt: arrivedAt) }
        self.uptime.startedAt = try row.next()
        rhythm = HeartbeatRhythm(lastHeartbeatAt: try row.next(), interval: try row.next())
        currentBoot = try row.next()
        gaps = try row.next()
        announcedBoot = try row.next()
    }
}

extension BootKey: RowDecodable {
    package static let columns: RowColumns = ["unit_id", "boot"]

    package init(from row: inout RowReader) throws(SQLError) {
        self.init(unit: try row.next(), boot: try row.next())
    }
}

extension BootFacts: RowDecodable {
    package static let columns: RowColumns = ["seen", "last_presence"]

    package init(from row: inout RowReader) throws(SQLError) {
        self.init(seen: try row.next(), lastPresence: try row.next())
    }
}

extension ConsultationFacts: RowDecodable {
    package static let columns: RowColumns = [
        "faculty_id", "status", "minutes", "answered_at", "on_screen_of", "shown_at",
    ]

    package init(from row: inout RowReader) throws(SQLError) {
        self.init(
            faculty: try row.next(), status: try row.next(), minutes: try row.next(), answeredAt: try row.next(),
            onScreenOf: try row.next(), shownAt: try row.next())
    }
}

extension AppliedAnswer: RowDecodable {
    package static let columns: RowColumns = ["unit_id", "message_id", "response_type", "timestamp"]

    package init(from row: inout RowReader) throws(SQLError) {
        self.init(
            unit: try row.next(), messageID: try row.next(), responseType: try row.next(), timestamp: try row.next())
    }
}
