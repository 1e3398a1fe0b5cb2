// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import MQTT

/// A broker as flags of commands name it that speak as units do.
extension BrokerURL {
    static let help = "The broker: mqtts://HOST:PORT, mqtt://HOST:PORT or mqtt+unix:///PATH."

    @Sendable
    static func parse(_ text: String) throws -> BrokerURL {
        guard let url = BrokerURL(text) else {
            throw ValidationError(
                "'\(text)' is no broker: write mqtts://HOST:PORT, mqtt://HOST:PORT or mqtt+unix:///PATH, and give the password in a file"
            )
        }
        return url
    }

    /// What is there unless another one is named.
    static let nearby = BrokerURL(host: "127.0.0.1", port: 1883)

    /// What can't be used is a usage error.
    func usableAddress(_ options: BrokerTLSOptions) async throws -> BrokerAddress {
        try await Settings.asUsage { try address(options.files) }
    }
}
