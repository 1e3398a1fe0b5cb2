// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The open subscriptions by scope, so that a publication wakes only the screens that it concerns: those of the whole
/// board and those of the departments that it touched. A screen of another department costs it nothing.
struct BoardSubscribers: Sendable {
    /// Keyed by department; nil is the scope of the whole board.
    private var scopes: [String?: [Int: BoardSubscription]] = [:]
    private(set) var count = 0

    mutating func add(_ subscription: BoardSubscription, key: Int) {
        scopes[subscription.department, default: [:]][key] = subscription
        count += 1
    }

    mutating func remove(_ key: Int, department: String?) {
        guard scopes[department]?.removeValue(forKey: key) != nil else { return }
        count -= 1
        if scopes[department]?.isEmpty == true { scopes[department] = nil }
    }

    var all: [BoardSubscription] { scopes.values.flatMap(\.values) }

    /// Returns the subscriptions that a publication concerns; all of them if `step` is nil, for a new lineage.
    func concerned(by step: BoardStep?) -> [BoardSubscription] {
        guard let step else { return all }
        var concerned = scopes[nil].map { Array($0.values) } ?? []
        for department in step.departments {
            if let subscriptions = scopes[department] { concerned += subscriptions.values }
        }
        return concerned
    }
}
