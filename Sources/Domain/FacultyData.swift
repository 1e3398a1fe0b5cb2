// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One faculty member in the form that callers of the former system expect. Each field's comment gives its JSON key.
///
/// A plain value: it stays valid for ever, and is tied to no transaction.
package struct FacultyData: Hashable, Sendable {
    /// `id`
    package var id: FacultyID
    /// `name`: the displayed name, with the title.
    package var name: String
    /// `department`
    package var department: String
    /// `status`: true exactly when availability is *available*.
    package var status: Bool
    /// `always_available`: an override of *available* without an end is in force.
    package var alwaysAvailable: Bool
    /// `last_seen`, ISO 8601: the last committed evidence of presence, floored to the minute; null if there is none.
    package var lastSeen: Timestamp?
    /// `email`: only for callers that may see it.
    package var email: String?
    /// `ble_id`: only for callers that may see it.
    package var bleID: BeaconAddress?
    /// `version`: the version of the profile row.
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
