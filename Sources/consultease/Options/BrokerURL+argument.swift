// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import MQTT

/// The `--broker` option of commands that act as desk units.
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

    /// The default broker.
    static let nearby = BrokerURL(host: "127.0.0.1", port: 1883)

    /// Returns the address; an unusable one is a usage error.
    func usableAddress(_ options: BrokerTLSOptions) async throws -> BrokerAddress {
        try await Settings.asUsage { try address(options.files) }
    }
}
