// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// An edit was made from a version that stands no more: nothing is written. It has both sides, so that a person can
/// choose between them; a machine decides anew from `standing`.
package struct VersionConflict<Value: Hashable & Sendable>: AnyVersionConflict, Hashable {
    package let expected: ExpectedVersion
    /// What the editor wanted to stand; nil if it was to be taken away.
    package let wanted: Value?
    /// What stands now; nil if nothing does.
    package let standing: Versioned<Value>?

    package init(expected: ExpectedVersion, wanted: Value?, standing: Versioned<Value>?) {
        self.expected = expected
        self.wanted = wanted
        self.standing = standing
    }
}

/// A `VersionConflict` of whichever row.
package protocol AnyVersionConflict: Error, Sendable {}
