// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why a connection could not be secured, or why a plain connection met a server that demands TLS.
///
/// Text that came from the server is short and printable.
package enum TLSFailure: Error, Hashable, Sendable {
    /// No trusted authority issued the certificate. `issuer` is the name of the issuer in the certificate.
    case notTrusted(issuer: String?)
    /// The certificate has expired, in UTC.
    case expired(on: String)
    /// The certificate is not valid before then, in UTC.
    case notYetValid(until: String)
    /// The certificate doesn't match the host. `names` lists the hosts that it is for.
    case wrongName(wanted: String, names: [String])
    /// The peer doesn't speak TLS, or it closes the connection at once.
    case noTLS
    /// Nothing answered the handshake in time.
    case unanswered
    /// The client spoke plain MQTT, and the server answered with TLS.
    case plainToTLS
    /// The server refused the handshake with this alert (RFC 8446, section 6.2).
    case refused(String)
    case failed(String)

    /// Describes the failure.
    package var problem: String {
        switch self {
        case .notTrusted(let issuer):
            "its certificate is not trusted: no trusted authority has issued it"
                + (issuer.map { " (it names \($0))" } ?? "")
        case .expired(let day): "its certificate expired on \(day)"
        case .notYetValid(let day): "its certificate is not valid before \(day)"
        case .wrongName(let wanted, let names):
            names.isEmpty
                ? "its certificate is not for \(wanted)"
                : "its certificate is for \(names.joined(separator: ", ")), not for \(wanted)"
        case .noTLS: "the broker doesn't speak TLS at this port"
        case .unanswered: "nothing answered the TLS handshake in time"
        case .plainToTLS: "the broker speaks TLS at this port, and the client spoke plain MQTT"
        case .refused(let alert): "it refused the TLS handshake: \(alert)"
        case .failed(let text): "TLS failed: \(text)"
        }
    }

    /// Tells the operator how to correct it.
    package var remedy: String {
        switch self {
        case .notTrusted: "give the certificate of the authority that issued it"
        case .expired: "renew it at the broker; if it is valid there, set this machine's clock"
        case .notYetValid: "set the clock, here or where it was issued"
        case .wrongName: "use a name that stands in the certificate, or have it issued for this one"
        case .noTLS, .unanswered: "name the port that speaks TLS, usually 8883"
        case .plainToTLS: "write mqtts:// instead of mqtt://"
        case .refused(let alert) where alert.contains("version"): "let the broker speak TLS 1.2 at least"
        case .refused: "give the client certificate that it asks for; its own log says more"
        case .failed: "read the broker's log"
        }
    }
}

extension TLSFailure: CustomStringConvertible {
    package var description: String { "\(problem): \(remedy)" }
}
