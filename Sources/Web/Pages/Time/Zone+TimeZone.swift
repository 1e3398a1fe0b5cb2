// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Foundation

extension Zone {
    /// By the system's time zone database.
    ///
    /// - Parameter name: what IANA calls the zone. `TimeZone` itself may call it otherwise: UTC is GMT to it.
    package init(named name: String, _ zone: TimeZone) {
        self.init(identifier: name) { moment in
            let date = Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
            return .seconds(Int64(zone.secondsFromGMT(for: date)))
        }
    }
}
