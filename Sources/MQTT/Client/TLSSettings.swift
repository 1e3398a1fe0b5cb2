// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOSSL

/// How a connection is secured: whom the client believes, and what it shows of itself. Made once, and shared by any
/// number of clients; equal if it is the same one.
///
/// The server's certificate is verified always, its host name or address included, and nothing before TLS 1.2 is
/// spoken: neither can be switched off.
package struct TLSSettings: Sendable {
    /// Whom the client believes that a server is who it says.
    package enum Trust: Sendable {
        /// The authorities of the operating system.
        case system
        /// These alone: certificates in PEM, one or more.
        case certificates(pem: [UInt8])
    }

    /// What the client shows to a server that asks for it.
    package struct Identity: Sendable {
        let chain: [UInt8]
        let key: [UInt8]

        /// - Parameters:
        ///   - chain: the client's own certificate in PEM, then those between it and its authority.
        ///   - key: the private key in PEM, without a passphrase.
        package init(chain: [UInt8], key: [UInt8]) {
            self.chain = chain
            self.key = key
        }
    }

    let context: NIOSSLContext

    /// How long the server may take to say goodbye to TLS once our half is closed.
    private static let shutdownTimeout = Duration.milliseconds(250)

    /// Reads the system's authorities from their files, so not for an event loop. What changes there later isn't
    /// noticed.
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

    /// The handler that secures one connection to `host`. A name is told to the server (RFC 6066, section 3: an address
    /// never is), and both are looked for in its certificate.
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

/// Why no connection could be secured with what was given.
package enum TLSSettingsError: Error, Hashable, Sendable {
    /// There is no certificate in what was given as authorities.
    case noAuthority
    /// There is no certificate in what was given as the client's own.
    case noCertificate
    /// There is no private key, or it wants a passphrase.
    case noKey
    /// The private key is not the one of the client's certificate.
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
