// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOSSL

/// Whom a certificate has to be for: a host by its name, or by its address.
struct ServerIdentity: Hashable, Sendable {
    /// As it was given.
    let text: String
    /// Nil if it is an address.
    let name: String?

    init(_ host: String) {
        text = host
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        name = isAddress ? nil : host
    }
}

/// For whom a certificate was issued.
struct CertificateNames: Hashable, Sendable {
    /// DNS names of the extension subjectAltName, which may begin with a wildcard.
    var names: [String] = []
    var addresses: [String] = []
    /// Whether it has that extension at all.
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

    /// For a person: not all of a long list.
    var listed: [String] {
        let all = names + addresses
        return all.count > 8 ? all.prefix(8) + ["…"] : all
    }

    /// Whether it is for this host: by one of its names if the host was given by name (RFC 6125, section 6.4: whole
    /// labels, a wildcard for the first one alone), by one of its addresses otherwise.
    ///
    /// The TLS handler has found that it fits; but it takes an address in the certificate for a name that leads there,
    /// and names lead wherever whoever answers for them says. A certificate without the extension is left to its word.
    func isFor(_ host: ServerIdentity) -> Bool {
        guard hasAlternatives, let name = host.name else { return true }
        let wanted = Self.labels(name)
        return names.contains { candidate in
            let labels = Self.labels(candidate)
            if labels == wanted { return true }
            return labels.first == "*" && wanted.count > 2 && labels.dropFirst() == wanted.dropFirst()
        }
    }

    /// What a certificate says, fit for a log.
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
