// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import MQTT

/// The TLS options of every command that connects to a broker.
struct BrokerTLSOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The certificate of the authority that issued the mqtts:// broker's, in PEM. Default: the system's authorities.",
            valueName: "file"), completion: .file())
    var brokerCa: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The client certificate for a broker that asks for one, in PEM.", valueName: "file"),
        completion: .file())
    var brokerCertificate: String?

    @Option(
        name: .long, help: ArgumentHelp("The private key of that certificate, in PEM.", valueName: "file"),
        completion: .file())
    var brokerKey: String?

    var files: BrokerTLSFiles {
        BrokerTLSFiles(authority: brokerCa, certificate: brokerCertificate, key: brokerKey)
    }
}

extension TLSFailure {
    /// Returns the remedy with the flags that this program has for it.
    var fix: String {
        switch self {
        case .notTrusted: "\(remedy): --broker-ca FILE"
        case .refused where remedy.contains("client certificate"):
            "\(remedy): --broker-certificate FILE --broker-key FILE"
        case .wrongName, .noTLS, .unanswered, .plainToTLS: "\(remedy), in --broker"
        case .expired, .notYetValid, .refused, .failed: remedy
        }
    }
}
