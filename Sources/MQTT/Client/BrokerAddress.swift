// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The address of the broker, and how the connection to it is protected.
package enum BrokerAddress: Hashable, Sendable {
    /// Plain TCP.
    case tcp(host: String, port: Int)
    /// TLS over TCP; the broker's certificate must be for `host`, a name or an address.
    case tls(host: String, port: Int, TLSSettings)
    case unix(path: String)

    package var isSecured: Bool {
        if case .tls = self { true } else { false }
    }

    /// Whether passwords and messages cross a network unprotected: true for plain TCP to another machine. Only the
    /// host's text is examined; no name is resolved.
    package var crossesNetworkUnprotected: Bool {
        guard case .tcp(let host, _) = self else { return false }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopbackNetwork = labels.count == 4 && labels[0] == "127" && labels.allSatisfy { UInt8($0) != nil }
        return !isLoopbackNetwork && host != "::1" && host.lowercased() != "localhost"
    }
}

extension BrokerAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tcp(let host, let port): Self.text(host, port)
        case .tls(let host, let port, _): "mqtts://\(Self.text(host, port))"
        case .unix(let path): path
        }
    }

    private static func text(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
