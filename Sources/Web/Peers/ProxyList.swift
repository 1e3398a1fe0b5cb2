// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// The reverse proxies whose word on a client's address is believed: addresses, or networks as `192.0.2.0/24`.
package struct ProxyList: Sendable {
    package static let none = ProxyList(networks: [])

    private let networks: [Network]

    private struct Network: Sendable {
        let start: IPAddress
        let bits: Int
    }

    private init(networks: [Network]) {
        self.networks = networks
    }

    /// Reads addresses and networks with commas between them; nil if a part is neither.
    package init?(_ text: String) {
        var networks: [Network] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.filter { $0 != " " }.split(separator: "/", omittingEmptySubsequences: false)
            guard let first = pieces.first, pieces.count <= 2, let address = IPAddress(first) else { return nil }
            let widest = address.isIPv4 ? 32 : 128
            var length = widest
            if pieces.count == 2 {
                guard let given = Int(pieces[1]), (0...widest).contains(given) else { return nil }
                length = given
            }
            let bits = 128 - widest + length
            networks.append(Network(start: address.masked(to: bits), bits: bits))
        }
        self.networks = networks
    }

    func names(_ address: IPAddress) -> Bool {
        networks.contains { address.masked(to: $0.bits) == $0.start }
    }
}
