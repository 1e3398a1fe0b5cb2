// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes
import NIOCore

/// Finds the address of the client behind a request.
///
/// The forwarded address is believed only from a proxy of the list. Read from the right, the first address that isn't
/// itself such a proxy is the client's: what stands left of it, the client may have written.
struct ClientAddress: Sendable {
    let proxies: ProxyList

    /// Nil if the connection has no IP address.
    func find(connection: SocketAddress?, _ fields: HTTPFields) -> IPAddress? {
        guard let remote = connection.flatMap(IPAddress.init) else { return nil }
        guard proxies.names(remote) else { return remote }
        let plain = fields[values: .xForwardedFor]
        let standard = fields[values: .forwarded]
        // A proxy writes one of the two and may let the client's other one through: then neither can be told from a
        // forgery.
        guard plain.isEmpty || standard.isEmpty else { return remote }
        let hops = plain.flatMap(Self.parts) + standard.flatMap(Self.parts).map(Self.node)
        var client = remote
        for hop in hops.reversed() {
            guard let address = Self.address(hop) else { return client }
            client = address
            guard proxies.names(address) else { return client }
        }
        return client
    }

    private static func parts(_ line: String) -> [Substring] {
        line.split(separator: ",", omittingEmptySubsequences: false)
    }

    /// The value of `for=` in one element of `Forwarded` (RFC 7239); empty if there is none.
    private static func node(_ element: Substring) -> Substring {
        for pair in element.split(separator: ";") {
            let trimmed = pair.drop { $0 == " " || $0 == "\t" }
            if trimmed.prefix(4).lowercased() == "for=" { return trimmed.dropFirst(4) }
        }
        return ""
    }

    /// Accepts what proxies write: with quotes, with brackets, with a port.
    private static func address(_ hop: Substring) -> IPAddress? {
        let bare = hop.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
        if bare.first == "[" { return IPAddress(bare.dropFirst().prefix { $0 != "]" }) }
        if let address = IPAddress(bare) { return address }
        let pieces = bare.split(separator: ":", omittingEmptySubsequences: false)
        return pieces.count == 2 ? IPAddress(pieces[0]) : nil
    }
}

extension HTTPField.Name {
    static let forwarded = HTTPField.Name(constant: "Forwarded")
    static let xForwardedFor = HTTPField.Name(constant: "X-Forwarded-For")
}
