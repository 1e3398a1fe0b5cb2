// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import DeskUnit
package import MQTT

extension UnitDriver {
    /// The settings that all units of a run share.
    package struct Setup: Sendable {
        package var broker: BrokerAddress
        package var time: SimulationTime
        package var settings: UnitSettings
        package var faults: FaultRates
        /// Whether old units run in time lapse: their uptime leaps by 10 to 20 minutes at each step, so that no late
        /// message can be mistaken for a restart.
        package var isTimeLapse: Bool
        package var seed: UInt64
        package var clientIDPrefix: String

        package init(
            broker: BrokerAddress, time: SimulationTime, settings: UnitSettings = UnitSettings(),
            faults: FaultRates = .none, isTimeLapse: Bool = false, seed: UInt64, clientIDPrefix: String = ""
        ) {
            self.broker = broker
            self.time = time
            self.settings = settings
            self.faults = faults
            self.isTimeLapse = isTimeLapse
            self.seed = seed
            self.clientIDPrefix = clientIDPrefix
        }
    }

    /// The numbers of what one unit has done so far.
    package struct Figures: Sendable {
        /// All published messages, including faults.
        package var sent = 0
        package var path = FaultyPath.Counts()
        package var cuts = 0
        package var reboots = 0
        package var hostile = 0
        package var connections = 0
        /// Publishes that failed; the necessary ones were sent again.
        package var failures = 0
        /// The time from an event's first sending to its `ack`.
        package var acknowledged: LatencySample
    }
}

/// What a person in front of a unit sees, and what its simulator also knows.
package struct UnitScreen: Sendable {
    package var panel: Panel
    package var isConnected: Bool
    /// Why the last connection or attempt ended.
    package var linkNote: String?
    /// The number of events that the database has not acknowledged.
    package var unacknowledged: Int
}
