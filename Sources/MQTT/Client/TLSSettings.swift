// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOSSL

/// How connections are secured: the authorities that the client trusts, and the certificate that it presents. Any
/// number of clients may share one value. Two values are equal only if they are copies of the same one.
///
/// The client always verifies the server's certificate, including its host name or address, and speaks TLS 1.2 or
/// later. Neither can be switched off.
package struct TLSSettings: Sendable {
    /// The authorities that the client trusts to identify a server.
    package enum Trust: Sendable {
        /// The authorities of the operating system.
        case system
        /// Only these: one or more certificates in PEM.
        case certificates(pem: [UInt8])
    }

    /// The certificate that the client presents if a server asks for one.
    package struct Identity: Sendable {
        let chain: [UInt8]
        let key: [UInt8]

        /// - Parameters:
        ///   - chain: the client's certificate in PEM, then the intermediate ones up to its authority.
        ///   - key: the private key in PEM, without a passphrase.
        package init(chain: [UInt8], key: [UInt8]) {
            self.chain = chain
            self.key = key
        }
    }

    let context: NIOSSLContext

    /// Bounds the wait for the server's TLS close_notify after the client has sent its own.
    private static let shutdownTimeout = Duration.milliseconds(250)

    /// Reads the system's authorities from their files, so don't call it on an event loop. Later changes of those files
    /// have no effect.
    package init(trusting trust: Trust = .system, identity: Identity? = nil) throws(TLSSettingsError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.shutdownTimeout = .init(Self.shutdownTimeout)
        if case .certificates(let pem) = trust {
            configuration.trustRoots = .certificates(try Self.certificates(pem, or: .noAuthority))
        }
        if let identity {
            configuration.certificateChain = try Self.certificates(identity.chain, or: .noCertificate)
                .map { .certificate($0) }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem))
            } catch {
                throw .noKey
            }
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw identity == nil ? .notUsable(String(describing: error)) : .foreignKey
        }
    }

    private static func certificates(
        _ pem: [UInt8], or failure: TLSSettingsError
    ) throws(TLSSettingsError) -> [NIOSSLCertificate] {
        do {
            return try NIOSSLCertificate.fromPEMBytes(pem)
        } catch {
            throw failure
        }
    }

    /// Makes the handler that secures one connection to `host`. The handler sends a host name to the server, but never
    /// an address (RFC 6066, section 3), and checks the certificate for either.
    func handler(for host: ServerIdentity) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: host.name)
    }
}

extension TLSSettings: Hashable {
    package static func == (one: TLSSettings, other: TLSSettings) -> Bool { one.context === other.context }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(context)) }
}

extension TLSSettings: CustomStringConvertible {
    package var description: String { "TLS" }
}

/// Why the given certificates or key can't secure a connection.
package enum TLSSettingsError: Error, Hashable, Sendable {
    /// The text given as authorities holds no certificate.
    case noAuthority
    /// The text given as the client's own chain holds no certificate.
    case noCertificate
    /// The text holds no private key, or the key needs a passphrase.
    case noKey
    /// The private key doesn't belong to the client's certificate.
    case foreignKey
    case notUsable(String)
}

extension TLSSettingsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noAuthority: "there is no certificate in it: give the authority's in PEM"
        case .noCertificate: "there is no certificate in it: give the client's own in PEM"
        case .noKey: "there is no private key in it: give it in PEM, without a passphrase"
        case .foreignKey: "it is not the key of the client's certificate"
        case .notUsable(let text): "TLS can't be used: \(text)"
        }
    }
}
