// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Translates the transport's errors, and connections closed without one, into a `ConnectionEnd`.
extension ConnectionEnd {
    /// The transport could not connect.
    init(noTransport error: any Error) {
        self = (error as? TLSFailure).map { .tls($0) } ?? .connectFailed(error.inPlainWords)
    }

    /// An open connection failed.
    ///
    /// - Parameter isAnswered: whether the server had sent CONNACK.
    init(_ error: any Error, at address: BrokerAddress, isAnswered: Bool) {
        if case .tls(let host, _, _) = address, let failure = TLSFailure(error, from: ServerIdentity(host)) {
            self = .tls(failure)
        } else if case NIOSSLError.uncleanShutdown = error {
            // Without close_notify any machine on the path may have ended the connection; the data before the end is
            // intact.
            self =
                isAnswered
                ? .transportFailed("cut short: the end was not announced") : .closedUnanswered(isSecured: true)
        } else if !isAnswered, error.isConnectionReset {
            // A server that doesn't understand the client leaves its bytes unread, so its close resets the connection.
            self = .init(closedAt: address, isAnswered: false)
        } else {
            self = .transportFailed(error.inPlainWords)
        }
    }

    /// The server closed the connection without a DISCONNECT.
    init(closedAt address: BrokerAddress, isAnswered: Bool) {
        switch address {
        case .tcp where !isAnswered, .tls where !isAnswered: self = .closedUnanswered(isSecured: address.isSecured)
        case .tcp, .tls, .unix: self = .closedByServer
        }
    }
}

extension Error {
    /// The operating system's description, without the wrapping of the NIO error that carried it.
    fileprivate var inPlainWords: String {
        if case .connectTimeout? = self as? ChannelError { return "no answer in time" }
        return switch self {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            (error.dnsAError ?? error.dnsAAAAError ?? error.connectionErrors.first?.error)?.inPlainWords
                ?? String(describing: error)
        default: String(describing: self)
        }
    }

    var isConnectionReset: Bool { (self as? IOError)?.errnoCode == ECONNRESET }
}

extension ByteBuffer {
    /// Whether the bytes begin like a TLS alert (RFC 8446, section 5.1). In MQTT they would be a CONNECT with bad
    /// flags, which no server sends.
    var isTLSAlert: Bool {
        guard let start = getBytes(at: readerIndex, length: min(2, readableBytes)) else { return false }
        return start == [0x15, 0x03]
    }
}
