// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation
import NIOCore
import ServiceLifecycle

/// A part of a server that listens, and ends by itself at a graceful shutdown. Says the remedy if its address can't
/// be had.
struct ListeningPart: Service {
    let listen: Endpoint
    /// By which the address is chosen, as `--listen`.
    let flag: String
    let body: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await body()
        } catch let error as IOError where [EADDRINUSE, EADDRNOTAVAIL, EACCES].contains(error.errnoCode) {
            throw FailureInWords.listening(error, listen, flag: flag)
        } catch let error as SocketAddressError {
            guard case .unknown = error else { throw error }
            throw FailureInWords.unknownHost(listen, flag: flag)
        }
    }
}
