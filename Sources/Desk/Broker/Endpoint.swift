// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A host and a TCP port to listen on.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    /// 0 to 65535; 0 is any free one, if that is allowed.
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`; an IPv6 host stands in brackets.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port), colon > text.startIndex
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Several of them, for people.
    static func list(_ endpoints: [Endpoint]) -> String { endpoints.map(\.description).joined(separator: ", ") }

    /// How this machine itself reaches who listens there: every address means the loopback interface's, too.
    package var reachable: Endpoint {
        ["0.0.0.0", "::"].contains(host) ? Endpoint(host: "127.0.0.1", port: port) : self
    }
}
