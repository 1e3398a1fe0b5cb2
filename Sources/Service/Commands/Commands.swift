// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Logging
package import Store

/// The use cases that change people, desk units and statuses: the one door for pages, shell commands and machines.
///
/// Each command is a function with plain arguments that runs in one transaction of its own, so it is whole or not at
/// all. It needs no leader: any process that has opened the database may call it, and one value serves as long as the
/// process. Errors are cases with data; the caller puts them into words and names the remedy in its own terms.
package struct Commands: Sendable {
    package let people: PeopleCommands
    package let units: UnitCommands
    package let statuses: StatusCommands

    /// - Parameters:
    ///   - trail: follows status updates to the screens; a server passes the one that its streams use.
    ///   - retrying: how a machine's edit is retried after a conflict; nil takes the real clock and real jitter.
    package init(
        store: Store, trail: DeliveryTracker = DeliveryTracker(), retrying: RetryingEdit? = nil, logger: Logger
    ) {
        people = PeopleCommands(store: store)
        units = UnitCommands(store: store)
        statuses = StatusCommands(
            store: store, trail: trail, edit: retrying ?? RetryingEdit(store: store), logger: logger)
    }
}
