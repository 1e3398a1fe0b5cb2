// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import PostgreSQL

@Suite("PostgreSQL: address and role")
struct ConfigurationTests {
    @Test func aURLIsRead() throws {
        let configuration = try PostgreSQLConfiguration(
            url: "postgres://consult%40ease@db.example.edu:6000/the%20base?sslmode=verify-ca&sslrootcert=/etc/ca.pem")
        #expect(configuration.user == "consult@ease")
        #expect(configuration.host == "db.example.edu")
        #expect(configuration.port == 6000)
        #expect(configuration.database == "the base")
        #expect(configuration.security.mode == .verifyAuthority)
        #expect(configuration.security.rootCertificate == "/etc/ca.pem")
    }

    @Test(arguments: [
        ("postgres://u@localhost/d", PostgreSQLConfiguration.Security.Mode.prefer),
        ("postgres://u@127.0.0.1/d", .prefer),
        ("postgresql://u@[::1]:5433/d", .prefer), ("postgres://u@/d?host=/run/postgresql", .prefer),
        ("postgres://u@db/d", .verifyFull), ("postgres://u@127.0.0.1.example.com/d", .verifyFull),
        ("postgres://u@10.0.0.1/d", .verifyFull), ("postgres://u@db/d?sslmode=disable", .disable),
    ])
    func theLineIsSecuredUnlessItStaysOnThisMachine(_ url: String, _ mode: PostgreSQLConfiguration.Security.Mode) throws
    {
        #expect(try PostgreSQLConfiguration(url: url).security.mode == mode)
    }

    @Test(arguments: [
        ("postgres://u:hunter2@db/d", "take it out"), ("postgres://u@db/d?password=hunter2", "take it out"),
        ("mysql://u@db/d", "postgres://"), ("postgres://db/d", "names no user"),
        ("postgres://u@db", "names no database"),
        ("postgres://u@db/", "names no database"), ("postgres://u@/d", "names no host"),
        ("postgres://u@a,b/d", "several hosts"), ("postgres://u@db:1,2/d", "several hosts"),
        ("postgres://u@db:0/d", "port"), ("postgres://u@db:65536/d", "port"), ("postgres://u@db:-1/d", "port"),
        ("postgres://u@db:/d", "port"), ("postgres://u@db:5432x/d", "port"), ("postgres://u@[::1/d", "]"),
        ("postgres://u@[::1]x/d", "]"), ("postgres://u@db/d%", "%"), ("postgres://u@db/d%zz", "%"),
        ("postgres://u@db/d%00x", "characters"), ("postgres://u@db/d%ff", "characters"),
        ("postgres://u@db/d#f", "#"), ("postgres://u@x@db/d", "one @"), ("postgres://u@db/d?options=-c", "options"),
        ("postgres://u@db/d?host=/run", "host="), ("postgres://u@/d?host=other", "host="),
        ("postgres://u@db/d?sslmode=allow", "sslmode"), ("postgres://u@db/d?sslmode=disable&sslmode=require", "twice"),
        ("postgres://u@db/d?service=x", "service"), ("", "postgres://"),
    ])
    func aURLThatCanNotBeMeantIsRefusedWithItsRemedy(_ url: String, _ remedy: String) {
        let error = #expect(throws: PostgreSQLConfigurationError.self) { try PostgreSQLConfiguration(url: url) }
        #expect(error?.description.contains(remedy) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hunter2") == false)
    }

    /// The name tells the sessions of this program from others.
    @Test(arguments: [
        ("", "consultease"), ("?application_name=x%20y", "consultease x y"),
        ("?application_name=consultease-2", "consultease-2"),
    ])
    func everySessionsNameBeginsAlike(_ query: String, _ name: String) throws {
        let configuration = try PostgreSQLConfiguration(url: "postgres://u@127.0.0.1/d\(query)")
        #expect(configuration.keywords.contains { $0 == ("application_name", name) })
    }

    @Test func nothingThatIsPrintedHasThePassword() throws {
        let configuration = try PostgreSQLConfiguration(url: "postgres://u@db/d", password: "hunter2")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [
            "\(configuration)", String(reflecting: configuration), dumped,
            "\(String(describing: configuration.password))",
        ] {
            #expect(!text.contains("hunter2"))
        }
        #expect(configuration.description == "postgres://u@db:5432/d")
        #expect(configuration.keywords.contains { $0 == ("password", "hunter2") })
        let error = #expect(throws: PostgreSQLConfigurationError.self) {
            try PostgreSQLConfiguration(url: "postgres://u@db/d", password: "hunter2\u{0}")
        }
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func arbitraryTextIsReadOrRefused() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("pu@:/?&=%#[],.a0 ~é")
        for _ in 0..<5_000 {
            let text = String(
                (0..<Int.random(in: 0...30)).compactMap { _ in alphabet.randomElement(using: &generator) })
            _ = try? PostgreSQLConfiguration(url: "postgres://" + text)
        }
    }
}
