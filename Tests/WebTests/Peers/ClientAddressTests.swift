// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes
import NIOCore
import Testing

@testable import Web

@Suite("The address of the client behind a request")
struct ClientAddressTests {
    private func find(_ remote: String, _ fields: [(HTTPField.Name, String)], proxies: String? = nil) throws -> String {
        var headers = HTTPFields()
        for (name, value) in fields { headers.append(HTTPField(name: name, value: value)) }
        let list = try proxies.map { try #require(ProxyList($0)) } ?? .none
        let connection = try SocketAddress(ipAddress: remote, port: 4711)
        return try #require(ClientAddress(proxies: list).find(connection: connection, headers)).description
    }

    @Test func isTheConnectionsUnlessAProxyIsNamed() throws {
        let forged: [(HTTPField.Name, String)] = [(.xForwardedFor, "198.51.100.7"), (.forwarded, "for=198.51.100.8")]
        #expect(try find("192.0.2.9", forged) == "192.0.2.9")
        #expect(try find("192.0.2.9", forged, proxies: "127.0.0.1") == "192.0.2.9")
        #expect(try find("::ffff:192.0.2.9", []) == "192.0.2.9")
    }

    @Test(arguments: [
        ("198.51.100.7", "198.51.100.7"), ("10.9.9.9, 198.51.100.7", "198.51.100.7"),
        ("10.9.9.9, 198.51.100.7, 127.0.0.1", "198.51.100.7"), ("198.51.100.7:8080", "198.51.100.7"),
        ("\"[2001:db8::1]:4711\"", "2001:db8:0:0:0:0:0:1"), ("2001:db8::1", "2001:db8:0:0:0:0:0:1"),
        ("10.9.9.9, unknown", "127.0.0.1"), ("10.9.9.9,", "127.0.0.1"), ("", "127.0.0.1"),
    ])
    func isTheRightMostThatIsNoProxy(_ line: String, _ expected: String) throws {
        #expect(try find("127.0.0.1", [(.xForwardedFor, line)], proxies: "127.0.0.1, 192.0.2.0/24") == expected)
    }

    @Test func linesOfOneFieldAreReadInTheirOrder() throws {
        let lines: [(HTTPField.Name, String)] = [
            (.xForwardedFor, "10.9.9.9"), (.xForwardedFor, "198.51.100.7, 192.0.2.3"),
        ]
        #expect(try find("127.0.0.1", lines, proxies: "127.0.0.1,192.0.2.0/24") == "198.51.100.7")
    }

    @Test func theStandardFieldIsReadToo() throws {
        let line = "for=10.9.9.9, For=\"[2001:db8:1::5]:80\";proto=https;by=203.0.113.43"
        #expect(try find("127.0.0.1", [(.forwarded, line)], proxies: "127.0.0.1") == "2001:db8:1:0:0:0:0:5")
    }

    @Test func bothFieldsAtOnceCanNotBeToldFromAForgery() throws {
        let both: [(HTTPField.Name, String)] = [(.xForwardedFor, "198.51.100.7"), (.forwarded, "for=198.51.100.8")]
        #expect(try find("127.0.0.1", both, proxies: "127.0.0.1") == "127.0.0.1")
    }

    @Test func oneNetworkOfIPv6IsOnePeer() throws {
        let peers = try ["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"].map { Peer(try #require(IPAddress($0))) }
        #expect(peers[0] == peers[1])
        #expect(peers[0] != peers[2])
        #expect(Peer(try #require(IPAddress("192.0.2.1"))) != Peer(try #require(IPAddress("192.0.2.2"))))
    }

    @Test(arguments: ["", "127.0.0.1,", "proxy.example", "127.0.0.1/33", "127.0.0.1/8/8", "::/129", "127.0.0.1:80"])
    func anEntryThatNamesNoProxyIsRefused(_ text: String) {
        #expect(ProxyList(text) == nil)
    }
}
