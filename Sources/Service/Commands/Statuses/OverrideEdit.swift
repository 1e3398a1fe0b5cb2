// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Store

/// An edit of an override, by a person or a machine.
package enum OverrideEdit: Hashable, Sendable {
    case set(OverrideWord, OverrideEnd)
    /// Takes the word back.
    case clear

    /// Does it in this transaction. Returns what is in force then; nil if the word was taken back.
    ///
    /// Throws `PeopleError`: no person has the id, the person is archived, there is no word to take back, or the end
    /// has passed; and `VersionConflict<Override>`.
    func apply(
        to id: FacultyID, expecting: ExpectedVersion, in transaction: Transaction
    ) throws -> Versioned<Override>? {
        guard let person = try FacultyRepository(transaction).find(id) else { throw PeopleError.unknownFaculty(id) }
        guard person.archivedAt == nil else { throw PeopleError.archivedFaculty(id) }
        let overrides = OverrideRepository(transaction)
        switch self {
        case .clear:
            guard try overrides.clear(id, expecting: expecting) else { throw PeopleError.noOverride(id) }
            return nil
        case .set(let word, let end):
            let until = end.moment(after: transaction.now)
            if let until, until <= transaction.now { throw PeopleError.endHasPassed(until) }
            let version = try overrides.set(word, until: until, for: id, expecting: expecting)
            return Versioned(value: Override(word: word, setAt: transaction.now, until: until), version: version)
        }
    }
}

/// When an override ends by itself.
package enum OverrideEnd: Hashable, Sendable {
    case open
    case at(Timestamp)
    case after(Span)

    func moment(after now: Timestamp) -> Timestamp? {
        switch self {
        case .open: nil
        case .at(let moment): moment
        case .after(let span): now + span
        }
    }
}
