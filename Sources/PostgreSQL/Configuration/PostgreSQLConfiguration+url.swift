// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension PostgreSQLConfiguration {
    /// Reads `postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full&sslrootcert=FILE`, or
    /// `postgres://USER@/DATABASE?host=/FOLDER` for a Unix socket. `postgresql:` means the same.
    ///
    /// Throws an error that names the remedy. Process lists and logs show a URL, so one that contains a password is
    /// refused, and the error repeats neither it nor `password`.
    package init(url: String, password: String? = nil) throws(PostgreSQLConfigurationError) {
        var rest = Substring(url)
        guard let scheme = ["postgres://", "postgresql://"].first(where: rest.hasPrefix) else {
            throw .init(description: "a database URL begins with postgres://, as in \(Self.example)")
        }
        rest.removeFirst(scheme.count)
        guard !rest.contains("#") else { throw .init(description: "a database URL has no # part: write # as %23") }
        let query = rest.cut(after: "?")
        let path = rest.cut(after: "/")
        let address = rest.split(separator: "@", omittingEmptySubsequences: false)
        guard address.count == 2, !address[0].isEmpty else {
            throw .init(
                description: address.count > 2
                    ? "a database URL has one @, between user and host: write others as %40"
                    : "the database URL names no user, as in \(Self.example)")
        }
        guard !address[0].contains(":") else {
            throw .passwordInURL
        }
        user = try Self.decoded(address[0], "user")
        (host, port) = try Self.hostAndPort(address[1])
        guard let path, !path.isEmpty else {
            throw .init(description: "the database URL names no database, as in \(Self.example)")
        }
        database = try Self.decoded(path, "database")
        security = Security(mode: .prefer)
        self.password = try Self.secret(password)
        try take(parameters: query ?? "")
    }

    private static let example = "postgres://consultease@db.example.edu:5432/consultease"

    private static func secret(_ password: String?) throws(PostgreSQLConfigurationError) -> Secret? {
        guard let password, !password.isEmpty else { return nil }
        guard !password.utf8.contains(0) else {
            throw .init(description: "the database password has a NUL byte in it: PostgreSQL takes none")
        }
        return Secret(password)
    }

    /// Splits `HOST`, `HOST:PORT`, `[IPV6]:PORT`, or an empty text if a socket's folder follows.
    private static func hostAndPort(
        _ text: Substring
    ) throws(PostgreSQLConfigurationError) -> (host: String, port: Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw .init(description: "the database URL's address lacks its closing ]")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw .init(description: "after ] the database URL has :PORT or nothing")
            }
            port = after.isEmpty ? nil : after.dropFirst()
        } else {
            port = host.cut(after: ":")
        }
        guard !host.contains(","), port?.contains(",") != true else {
            throw .init(description: "the database URL names several hosts: name one, that of the primary")
        }
        let number = try port.map(Self.port) ?? 5432
        return (try decoded(host, "host"), number)
    }

    private static func port(_ text: Substring) throws(PostgreSQLConfigurationError) -> Int {
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let port = Int(text),
            (1...65535).contains(port)
        else { throw .init(description: "the database URL's port is no number from 1 to 65535") }
        return port
    }

    /// Reads the parameters after the `?`. Libpq's other parameters are refused by name, so none is silently ignored.
    private mutating func take(parameters: Substring) throws(PostgreSQLConfigurationError) {
        var seen: Set<String> = []
        for parameter in parameters.split(separator: "&") {
            var name = parameter
            let encoded = name.cut(after: "=") ?? ""
            let key = try Self.decoded(name, "parameter")
            guard key != "password" else { throw .passwordInURL }
            guard seen.insert(key).inserted else { throw .init(description: "the database URL has \(key) twice") }
            try take(key, try Self.decoded(encoded, key))
        }
        guard !host.isEmpty else {
            throw .init(description: "the database URL names no host, as in \(Self.example)")
        }
        if !seen.contains("sslmode") { security.mode = isLocal ? .prefer : .verifyFull }
    }

    private mutating func take(_ key: String, _ value: String) throws(PostgreSQLConfigurationError) {
        switch key {
        case "host":
            guard host.isEmpty, value.hasPrefix("/") else {
                throw .init(description: "host= names the folder of a Unix socket, and then none stands before the /")
            }
            host = value
        case "port": port = try Self.port(value[...])
        case "sslmode":
            guard let mode = Security.Mode(rawValue: value) else {
                let modes = Security.Mode.allCases.map(\.rawValue).joined(separator: ", ")
                throw .init(description: "sslmode is one of \(modes)")
            }
            security.mode = mode
        case "sslrootcert": security.rootCertificate = value
        case "sslcert": security.certificate = value
        case "sslkey": security.key = value
        case "application_name": nameSessions(value)
        default:
            throw .init(
                description:
                    "the database URL has the parameter \(String(key.unicodeScalars.prefix(40))), which is not known: take it out"
            )
        }
    }

    /// Whether the data stays on this machine.
    private var isLocal: Bool {
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopback = octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
        return host.hasPrefix("/") || host == "localhost" || host == "::1" || isLoopback
    }

    private static func decoded(
        _ text: Substring, _ what: String
    ) throws(PostgreSQLConfigurationError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                throw .init(description: "the database URL's \(what) has a % that two hexadecimal digits don't follow")
            }
            rest.removeFirst(2)
            bytes.append(value)
        }
        guard let result = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 0x20 }) else {
            throw .init(description: "the database URL's \(what) has characters that no name has")
        }
        return result
    }
}

extension Substring {
    /// Keeps the text before the first `separator` and returns the text after it; nil if there is none.
    fileprivate mutating func cut(after separator: Character) -> Substring? {
        guard let index = firstIndex(of: separator) else { return nil }
        defer { self = self[..<index] }
        return self[self.index(after: index)...]
    }
}
