// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension TLSFailure {
    /// Translates an error of the TLS handler; nil if the error only reports that a connection ended.
    ///
    /// - Parameters:
    ///   - certificate: the server's certificate, if it presented one.
    ///   - now: seconds of UTC.
    init?(
        _ error: any Error, from server: ServerIdentity, certificate: NIOSSLCertificate? = nil,
        now: Int = time(nil)
    ) {
        switch error {
        case let failure as TLSFailure: self = failure
        case NIOSSLError.handshakeFailed(let error), let error as BoringSSLError:
            guard case .sslError(let stack) = error else { return nil }
            self.init(stack, certificate, now)
        case let error as NIOSSLExtraError
        where [.failedToValidateHostname, .serverHostnameImpossibleToMatch].contains(error):
            self = .wrongName(wanted: server.text, names: CertificateNames(certificate).listed)
        default: return nil
        }
    }

    private init(_ stack: NIOBoringSSLErrorStack, _ certificate: NIOSSLCertificate?, _ now: Int) {
        // BoringSSL gives the reason only as text, such as
        // "error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED".
        let text = stack.map(\.description).joined(separator: " ")
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            self = .init(unbelieved: certificate, now)
        } else if stack.contains(.eofDuringHandshake) || Self.foreignWords.contains(where: text.contains) {
            self = .noTLS
        } else if let alert = Self.alert(in: text) {
            self = .refused(alert)
        } else {
            self = .failed(text)
        }
    }

    /// The errors that BoringSSL reports if the first bytes are no TLS record.
    private static let foreignWords = ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"]

    /// BoringSSL doesn't say why it rejects a certificate, so the certificate's dates are checked here.
    private init(unbelieved certificate: NIOSSLCertificate?, _ now: Int) {
        guard let certificate else {
            self = .notTrusted(issuer: nil)
            return
        }
        if certificate.notValidAfter < now {
            self = .expired(on: Self.day(certificate.notValidAfter))
        } else if certificate.notValidBefore > now {
            self = .notYetValid(until: Self.day(certificate.notValidBefore))
        } else {
            let names = certificate.issuerName
            let name = names.first { $0.type == .commonName } ?? names.first { $0.type == .organization }
            self = .notTrusted(issuer: name.map { CertificateNames.printable($0.value.utf8) })
        }
    }

    /// Returns "unknown ca" for `TLSV1_ALERT_UNKNOWN_CA`.
    private static func alert(in text: String) -> String? {
        guard let start = text.range(of: "_ALERT_") else { return nil }
        let word = text[start.upperBound...].prefix { $0.isLetter || $0 == "_" }
        return String(word.map { $0 == "_" ? " " : $0 }).lowercased()
    }

    private static func day(_ seconds: Int) -> String {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
    }
}

extension StringProtocol {
    /// Returns the first range of `text`, without Foundation.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
