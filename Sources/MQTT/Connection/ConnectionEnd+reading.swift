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

/// What the transport's errors and silences mean to a person.
extension ConnectionEnd {
    /// No connection was made.
    init(noTransport error: any Error) {
        self = (error as? TLSFailure).map { .tls($0) } ?? .connectFailed(error.inPlainWords)
    }

    /// A connection failed.
    ///
    /// - Parameter isAnswered: whether CONNACK had come.
    init(_ error: any Error, at address: BrokerAddress, isAnswered: Bool) {
        if case .tls(let host, _, _) = address, let failure = TLSFailure(error, from: ServerIdentity(host)) {
            self = .tls(failure)
        } else if case NIOSSLError.uncleanShutdown = error {
            // Without TLS's goodbye anybody on the way may have ended it; what came before is whole all the same.
            self =
                isAnswered
                ? .transportFailed("cut short: the end was not announced") : .closedUnanswered(isSecured: true)
        } else if !isAnswered, error.isConnectionReset {
            // Who can make nothing of what we say leaves it unread, so that closing resets the connection.
            self = .init(closedAt: address, isAnswered: false)
        } else {
            self = .transportFailed(error.inPlainWords)
        }
    }

    /// The server closed without a word.
    init(closedAt address: BrokerAddress, isAnswered: Bool) {
        switch address {
        case .tcp where !isAnswered, .tls where !isAnswered: self = .closedUnanswered(isSecured: address.isSecured)
        case .tcp, .tls, .unix: self = .closedByServer
        }
    }
}

extension Error {
    /// What the operating system says, without the layers of the library that it came through.
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
    /// Whether it begins as a TLS alert does (RFC 8446, section 5.1). To MQTT that is a CONNECT with bad flags, which
    /// no server sends.
    var isTLSAlert: Bool {
        guard let start = getBytes(at: readerIndex, length: min(2, readableBytes)) else { return false }
        return start == [0x15, 0x03]
    }
}
