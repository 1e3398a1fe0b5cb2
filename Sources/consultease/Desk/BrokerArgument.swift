// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Foundation
import MQTT

/// A broker as a simulated unit is told of it: `mqtt://[USER@]HOST[:PORT]` or `mqtt+unix:///PATH`.
struct BrokerArgument: Sendable {
    let address: BrokerAddress
    let userName: String?

    @Sendable
    static func parse(_ text: String) throws -> BrokerArgument {
        guard let url = URLComponents(string: text), url.password == nil else {
            throw ValidationError("'\(text)' is no broker: write mqtt://HOST:PORT, and give the password in a file")
        }
        switch (url.scheme, url.host) {
        case ("mqtt", let host?) where !host.isEmpty:
            return BrokerArgument(address: .tcp(host: host, port: url.port ?? 1883), userName: url.user)
        case ("mqtt+unix", _) where !url.path.isEmpty:
            return BrokerArgument(address: .unix(path: url.path), userName: nil)
        default:
            throw ValidationError("'\(text)' is no broker: write mqtt://HOST:PORT or mqtt+unix:///PATH")
        }
    }
}

/// A secret that stands alone in a file: its first line.
enum SecretFile {
    static func read(_ path: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ValidationError("cannot read the password file \(path)")
        }
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        guard !line.isEmpty else { throw ValidationError("the password file \(path) is empty") }
        return String(line)
    }
}
