// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One faculty member as the former system's callers know it. JSON keys are given with each field.
///
/// A plain value: it stays valid for ever, and nothing in it is tied to a transaction.
package struct FacultyData: Hashable, Sendable {
    /// `id`
    package var id: FacultyID
    /// `name`: what is shown, with the title.
    package var name: String
    /// `department`
    package var department: String
    /// `status`: true exactly when availability is *available*.
    package var status: Bool
    /// `always_available`: an override of *available* without an end is in force.
    package var alwaysAvailable: Bool
    /// `last_seen`, ISO 8601: last committed evidence of presence, floored to the minute; null if never.
    package var lastSeen: Timestamp?
    /// `email`: only for those who may see it.
    package var email: String?
    /// `ble_id`: only for those who may see it.
    package var bleID: BeaconAddress?
    /// `version`: the profile row's.
    package var version: Int64
    /// `image_path`
    package var imagePath: String?

    package init(
        id: FacultyID, name: String, department: String, status: Bool, alwaysAvailable: Bool, lastSeen: Timestamp?,
        email: String?, bleID: BeaconAddress?, version: Int64, imagePath: String?
    ) {
        self.id = id
        self.name = name
        self.department = department
        self.status = status
        self.alwaysAvailable = alwaysAvailable
        self.lastSeen = lastSeen
        self.email = email
        self.bleID = bleID
        self.version = version
        self.imagePath = imagePath
    }
}
