// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Synchronization

/// The frames made of one publication, so that what many screens need is encoded once.
///
/// Frames are made by whoever needs them first and outside every lock, so that nobody else waits meanwhile; two who need the
/// same at once may both make it, and share what was there first. Bounded: frames of whole scopes hold each card twice at
/// most, once with everybody's and once with its department's; those of changes are held to `largestSize`.
final class FrameMemo: Sendable {
    struct Key: Hashable, Sendable {
        let department: String?
        /// How many publications back the changes begin; nil for the whole scope.
        let steps: Int?
    }

    private struct State {
        var frames: [Key: BoardFrame?] = [:]
        var sizeOfChanges = 0
    }

    /// Bytes, counted with what an entry costs beside its JSON.
    private static let largestSize = 32 << 20
    private static let entrySize = 256

    private let state = Mutex(State())

    func frame(for key: Key, make: () -> BoardFrame?) -> BoardFrame? {
        if case .some(let known) = state.withLock({ $0.frames[key] }) { return known }
        let made = make()
        // A change that is most of a scope is the scope's own frame.
        let isWhole = made?.kind == .snapshot
        let size = key.steps == nil ? 0 : (isWhole ? 0 : made?.json.count ?? 0) + Self.entrySize
        return state.withLock { state in
            if case .some(let known) = state.frames[key] { return known }
            guard state.sizeOfChanges + size <= Self.largestSize else { return made }
            state.frames[key] = .some(made)
            state.sizeOfChanges += size
            return made
        }
    }
}
