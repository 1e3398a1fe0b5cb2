// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOSSL

/// The host that a certificate must match: a name or an address.
struct ServerIdentity: Hashable, Sendable {
    /// The host as it was given.
    let text: String
    /// The host's name; nil if the host is an address.
    let name: String?

    init(_ host: String) {
        text = host
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        name = isAddress ? nil : host
    }
}

/// The names and addresses that a certificate was issued for.
struct CertificateNames: Hashable, Sendable {
    /// The DNS names of the extension subjectAltName, which may begin with a wildcard.
    var names: [String] = []
    var addresses: [String] = []
    /// Whether the certificate has that extension.
    var hasAlternatives = false

    init(names: [String] = [], addresses: [String] = [], hasAlternatives: Bool = true) {
        self.names = names
        self.addresses = addresses
        self.hasAlternatives = hasAlternatives
    }

    init(_ certificate: NIOSSLCertificate?) {
        guard let certificate else { return }
        for alternative in certificate._subjectAlternativeNames() {
            hasAlternatives = true
            switch alternative.nameType {
            case .dnsName: names.append(Self.printable(alternative.contents))
            case .ipAddress: if let text = Self.address(Array(alternative.contents)) { addresses.append(text) }
            default: break
            }
        }
    }

    /// The names for an error message; a long list is shortened.
    var listed: [String] {
        let all = names + addresses
        return all.count > 8 ? all.prefix(8) + ["…"] : all
    }

    /// Whether the certificate is for this host. If the host was given by name, one of the certificate's names must
    /// match (RFC 6125, section 6.4: whole labels, a wildcard only as the first one); otherwise the TLS handler's check
    /// is enough.
    ///
    /// The TLS handler has accepted the certificate, but it also accepts one for the address that the name resolved to,
    /// and DNS may be forged. A certificate without the extension is left to the TLS handler.
    func isFor(_ host: ServerIdentity) -> Bool {
        guard hasAlternatives, let name = host.name else { return true }
        let wanted = Self.labels(name)
        return names.contains { candidate in
            let labels = Self.labels(candidate)
            if labels == wanted { return true }
            return labels.first == "*" && wanted.count > 2 && labels.dropFirst() == wanted.dropFirst()
        }
    }

    /// Makes a text from a certificate safe for a log.
    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.prefix(64).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    private static func labels(_ name: String) -> [Substring] {
        let lowered = name.lowercased()
        return (lowered.hasSuffix(".") ? lowered.dropLast() : lowered[...])
            .split(separator: ".", omittingEmptySubsequences: false)
    }

    private static func address(_ bytes: [UInt8]) -> String? {
        try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: 0).ipAddress
    }
}
