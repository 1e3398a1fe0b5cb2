// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// How many files this process may have open at once, each connection being one.
enum DescriptorLimit {
    /// Left to the database, the broker's session, logs and libraries.
    static let reserve = 128

    /// Nil if the system doesn't say, or sets no limit.
    static var current: Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Int(exactly: limit.rlim_cur)
    }
}

extension WebLimits {
    /// These with no more connections than descriptors allow; streams then keep their part of them.
    func fitted(toDescriptors descriptors: Int?) -> WebLimits {
        guard let descriptors else { return self }
        // With very few descriptors, half of them must do for all else.
        let allowed = max(8, descriptors - min(DescriptorLimit.reserve, descriptors / 2))
        guard allowed < connections else { return self }
        var fitted = self
        fitted.connections = allowed
        fitted.openStreams = min(openStreams, allowed / 2)
        fitted.streamsOfOnePeer = min(streamsOfOnePeer, max(1, allowed / 4))
        fitted.connectionsBesideStreams = min(connectionsBesideStreams, max(2, allowed / 4))
        return fitted
    }
}
