// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Returns a TCP port of the loopback interface on which no process listens now.
package func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
        }
    }
    guard descriptor >= 0, result == 0 else { throw NoFreePort() }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// Reports that the machine gave no port.
package struct NoFreePort: Error {}
