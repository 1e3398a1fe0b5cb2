// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Domain
import Wire

/// What waits to be judged, in the order of arrival. Pure; bounded by `limit`.
///
/// When it is full, a status of QoS 0 may take the place of an older one of its unit (the newest status wins); an answer is
/// never displaced; everything else must wait, and whoever offers it stops reading.
struct ArrivalQueue: Sendable {
    enum Offer: Sendable {
        case queued
        case displaced(Arrival)
        case full
    }

    private var waiting: Deque<Arrival> = []
    let limit: Int

    init(limit: Int) {
        precondition(limit > 0, "a queue without room takes nothing")
        self.limit = limit
    }

    var count: Int { waiting.count }
    var isEmpty: Bool { waiting.isEmpty }
    var hasRoom: Bool { waiting.count < limit }

    /// Arrival of the message that has waited longest.
    var oldest: Timestamp? { waiting.first?.delivery.arrivedAt }

    mutating func offer(_ arrival: Arrival) -> Offer {
        guard !hasRoom else {
            waiting.append(arrival)
            return .queued
        }
        guard arrival.mayBeDisplaced, arrival.message.isStatusReport, let unit = arrival.message.unit,
            let older = waiting.firstIndex(where: {
                $0.mayBeDisplaced && $0.message.isStatusReport && $0.message.unit == unit
            })
        else { return .full }
        // The newer one goes to the end: between the two, messages of the same unit keep their order.
        let displaced = waiting.remove(at: older)
        waiting.append(arrival)
        return .displaced(displaced)
    }

    mutating func take(_ most: Int) -> [Arrival] {
        let taken = Array(waiting.prefix(most))
        waiting.removeFirst(taken.count)
        return taken
    }
}
