// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL

// How the values of Domain stand in columns: each type has one form.

extension Timestamp: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(milliseconds) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self.init(milliseconds: value)
    }
}

extension Span: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(milliseconds) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self.init(milliseconds: value)
    }
}

extension SQLConvertible where Self: RowIdentifier {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(rawValue) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self.init(value)
    }
}

extension FacultyID: SQLConvertible {}
extension StudentID: SQLConvertible {}
extension ConsultationID: SQLConvertible {}

extension Revision: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(number) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self.init(number)
    }
}

/// A value that is stored as the text that it is written as.
private func text<Value>(_ sqlValue: SQLValue, _ make: (String) -> Value?) -> Value? {
    guard case .text(let text) = sqlValue else { return nil }
    return make(text)
}

extension UnitID: SQLConvertible {
    package static var sqlType: SQLType { .text }
    package var sqlValue: SQLValue { .text(rawValue) }
    package init?(sqlValue: SQLValue) {
        guard let value = text(sqlValue, { UnitID($0) }) else { return nil }
        self = value
    }
}

extension BootID: SQLConvertible {
    package static var sqlType: SQLType { .text }
    package var sqlValue: SQLValue { .text(rawValue) }
    package init?(sqlValue: SQLValue) {
        guard let value = text(sqlValue, { BootID($0) }) else { return nil }
        self = value
    }
}

extension BeaconAddress: SQLConvertible {
    package static var sqlType: SQLType { .text }
    package var sqlValue: SQLValue { .text(rawValue) }
    package init?(sqlValue: SQLValue) {
        guard let value = text(sqlValue, { BeaconAddress($0) }) else { return nil }
        self = value
    }
}

extension SequenceSet: SQLConvertible {
    package static var sqlType: SQLType { .text }
    package var sqlValue: SQLValue { .text(description) }
    package init?(sqlValue: SQLValue) {
        guard let value = text(sqlValue, { SequenceSet($0) }) else { return nil }
        self = value
    }
}

extension PresenceState: SQLConvertible {}
extension EvidenceSource: SQLConvertible {}
extension AvailabilityState: SQLConvertible {}
extension OverrideWord: SQLConvertible {}
extension ConsultationStatus: SQLConvertible {}
extension Dialect: SQLConvertible {}
