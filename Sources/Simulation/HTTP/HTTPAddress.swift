// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The address of an HTTP server: `http://HOST:PORT`, without TLS.
package struct HTTPAddress: Sendable, Equatable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `http://HOST[:PORT][/]`; nil for anything else. An IPv6 address is written in brackets.
    package init?(_ text: String) {
        guard text.hasPrefix("http://") else { return nil }
        var rest = text.dropFirst("http://".count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let afterHost = rest.lastIndex(of: "]").map { rest.index(after: $0) } ?? rest.startIndex
        let colon = rest[afterHost...].lastIndex(of: ":")
        var host = rest[..<(colon ?? rest.endIndex)]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let port = colon.map { Int(rest[rest.index(after: $0)...]) } ?? 80
        guard let port, (1...65_535).contains(port), !host.isEmpty, !rest.contains("/") else { return nil }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)" }
}
