// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

extension Store {
    /// The part that a process takes in the database, beside reads and commands. The store holds it, and every other
    /// place asks the store: so a process never believes two things about who leads.
    package enum Part: Sendable {
        /// A command: no leader is looked for, and this process makes changes by time itself.
        case alone
        /// It isn't decided yet whether this server leads: it has just started, or its term has ended.
        case undecided
        /// This server ingests, delivers and makes changes by time.
        case leading(Term)
        /// Another process leads.
        case standingBy

        var term: Term? {
            if case .leading(let term) = self { term } else { nil }
        }
    }
}

/// A stretch of time in which this process hears the units.
package struct Term: Hashable, Sendable {
    /// No other term has it.
    let name: String
    let since: ClockReading
}
