// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Foundation

extension Zone {
    /// By the system's time zone database.
    package init(_ zone: TimeZone) {
        self.init(identifier: zone.identifier) { moment in
            let date = Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)
            return .seconds(Int64(zone.secondsFromGMT(for: date)))
        }
    }
}
