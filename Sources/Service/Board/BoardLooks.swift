// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Who wants the database to be asked, and whether it was since. Pure; looks are made one after the other.
///
/// Whoever comes while a look is under way waits for the next one, which is made for all of them together.
struct BoardLooks: Sendable {
    /// Whether somebody waits for a look that has not begun.
    private(set) var isWanted = false
    private var begun = 0
    private var done = 0

    /// Asks for a look; returns the number of the first one that will do.
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

    /// The database did not answer: somebody may still wait for it.
    mutating func fail() {
        isWanted = true
    }

    func isDone(_ look: Int) -> Bool { done >= look }
}
