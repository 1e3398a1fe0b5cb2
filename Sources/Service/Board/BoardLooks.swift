// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Numbers the comparisons (*looks*) of the board with the database, so that a caller can wait for one that began after
/// its request. Pure; looks are made one after the other.
///
/// Callers that come while a look is under way wait for the next one, which serves all of them.
struct BoardLooks: Sendable {
    /// Whether a caller waits for a look that has not begun.
    private(set) var isWanted = false
    private var begun = 0
    private var done = 0

    /// Asks for a look, and returns the number of the first one that begins after this call.
    mutating func want() -> Int {
        isWanted = true
        return begun + 1
    }

    mutating func begin() -> Int {
        isWanted = false
        begun += 1
        return begun
    }

    mutating func end(_ look: Int) {
        done = look
    }

    /// Notes that the database did not answer: callers may still wait for a look.
    mutating func fail() {
        isWanted = true
    }

    func isDone(_ look: Int) -> Bool { done >= look }
}
