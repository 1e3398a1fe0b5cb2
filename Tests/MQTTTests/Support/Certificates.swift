// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

@testable import MQTT

/// An authority, an untrusted authority, and their certificates; openssl makes them once for each test process.
struct Certificates: Sendable {
    /// The certificates that all tests share.
    static let shared = Result { try Certificates() }
    static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

    /// Contents by file name: `good.pem`, `good.key`, `ca.pem`…
    let files: [String: String]

    enum Name: String, Sendable {
        /// The certificate is for `localhost` and 127.0.0.1.
        case good
        /// The certificate is for `broker.example.test` alone.
        case named
        /// The certificate is for 127.0.0.1 alone.
        case addressed
        /// The certificate is for `localhost`, and expired yesterday.
        case expired
        /// The certificate is for `localhost`, from the other authority.
        case strange
        case client
    }

    private static let script = """
        set -e
        cd "$1"
        key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        for name in ca other; do
            openssl req -x509 $key -keyout $name.key -out $name.pem -subj "/CN=authority $name" -days 2
        done
        issue() {
            openssl req $key -keyout $1.key -out $1.csr -subj "/CN=$1"
            printf 'subjectAltName=%s\\n' "$2" >$1.ext
            openssl x509 -req -in $1.csr -CA $3.pem -CAkey $3.key -CAcreateserial -days $4 -extfile $1.ext -out $1.pem
        }
        issue good DNS:localhost,IP:127.0.0.1 ca 2
        issue named DNS:broker.example.test ca 2
        issue addressed IP:127.0.0.1 ca 2
        issue expired DNS:localhost ca -1
        issue strange DNS:localhost other 2
        issue client DNS:desk ca 2
        """

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", folder.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        }
        self.files = files
    }

    func bytes(_ file: String) throws -> [UInt8] {
        guard let text = files[file] else { throw CocoaError(.fileNoSuchFile) }
        return Array(text.utf8)
    }

    /// Returns settings that trust the authority `name`, and present the client's certificate if asked.
    func settings(trusting name: String = "ca", asClient: Bool = false) throws -> TLSSettings {
        try TLSSettings(
            trusting: .certificates(pem: bytes("\(name).pem")),
            identity: asClient
                ? TLSSettings.Identity(chain: try bytes("client.pem"), key: try bytes("client.key")) : nil)
    }

    /// Returns mosquitto's settings for a listener with a certificate; they refer to `files`.
    func listener(_ name: Name, asksForClient: Bool = false) -> [String] {
        [
            "allow_anonymous true", "set_tcp_nodelay true", "log_type all", "log_dest file FOLDER/log",
            "listener SECURE", "certfile FOLDER/\(name.rawValue).pem",
            "keyfile FOLDER/\(name.rawValue).key",
        ] + (asksForClient ? ["cafile FOLDER/ca.pem", "require_certificate true"] : [])
    }
}

extension Mosquitto {
    /// The address of the TLS listener, for a client that uses `settings`.
    func secured(_ settings: TLSSettings, host: String = "localhost") -> BrokerAddress {
        .tls(host: host, port: securePort, settings)
    }

    /// The broker's log so far; the settings must have `log_dest file FOLDER/log`.
    var log: String {
        (try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)) ?? ""
    }
}
