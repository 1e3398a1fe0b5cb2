// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Synchronization

/// Keeps the frames made of one publication, so that a frame for many screens is encoded once.
///
/// The first caller that needs a frame makes it outside the lock, so that other callers don't wait. Two callers that
/// need the same frame at once may both make it; the first to finish is kept and shared. The memory is bounded: frames
/// of whole scopes hold each card twice at most (in everybody's and in its department's), and frames of changes take at
/// most `largestSize`.
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

    /// In bytes, with `entrySize` for each entry beside its JSON.
    private static let largestSize = 32 << 20
    private static let entrySize = 256

    private let state = Mutex(State())

    func frame(for key: Key, make: () -> BoardFrame?) -> BoardFrame? {
        if case .some(let known) = state.withLock({ $0.frames[key] }) { return known }
        let made = make()
        // A change that is most of a scope shares the frame of the whole scope.
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
