// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import MQTT

/// Asks whether a broker answers at an address: sends CONNECT, then DISCONNECT.
enum BrokerProbe {
    enum Answer: Sendable {
        /// CONNACK without a failure code.
        case welcome
        /// Nothing listens there, or it can't be reached.
        case nobody(String)
        /// TLS failed.
        case unsecured(TLSFailure)
        /// The broker refused these credentials.
        case stranger(String)
        /// Something else than a broker listens there, or the broker refused the connection.
        case refusal(String)
    }

    /// The client id of `doctor`, always the same, so that it leaves one session at most at a broker.
    private static let signingIn = "consultease-doctor"

    /// Signs in with the server's own credentials. A broker may name sessions by user instead of client id, so this may
    /// take over the server's session: it resumes and keeps that session, so that no queued message is lost.
    static func signIn(_ address: BrokerAddress, _ credentials: Credentials) async -> Answer {
        var configuration = ClientConfiguration(address: address, clientID: signingIn)
        configuration.credentials = credentials
        configuration.session = .persistent(expirySeconds: 7 * 24 * 3600, marker: KnownSession())
        configuration.receiveMaximum = 1
        return await answer(configuration)
    }

    /// Accepts the session that the broker has.
    private struct KnownSession: SessionMarker {
        func hasSession() async throws -> Bool { true }
        func recordSession() async throws {}
        func forgetSession() async throws {}
    }

    private static let limit = Duration.seconds(5)

    static func ask(_ address: BrokerAddress, _ credentials: Credentials?) async -> Answer {
        var configuration = ClientConfiguration(
            address: address, clientID: "doctor-\(UInt32.random(in: .min ... .max))")
        configuration.credentials = credentials
        return await answer(configuration)
    }

    private static func answer(_ configuration: ClientConfiguration) async -> Answer {
        var configuration = configuration
        configuration.connectTimeout = limit
        let client = MQTTClient(
            configuration: configuration, logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
        return await withTaskGroup(of: Answer?.self) { group in
            group.addTask {
                do {
                    try await client.run()
                    return nil
                } catch {
                    return .refusal("\(error)")
                }
            }
            group.addTask {
                for await state in client.states {
                    switch state {
                    case .connected: return .welcome
                    case .disconnected(.connectFailed(let text)): return .nobody(PlainReason.of(text))
                    case .disconnected(.tls(let failure)): return .unsecured(failure)
                    case .disconnected(.refused(let code, _))
                    where [.notAuthorized, .badUserNameOrPassword].contains(code):
                        return .stranger("\(code)")
                    case .disconnected(let end): return .refusal("\(end)")
                    case .idle, .connecting, .stopped: continue
                    }
                }
                return nil
            }
            var answer: Answer?
            while answer == nil, let next = await group.next() { answer = next }
            group.cancelAll()
            return answer ?? .nobody("no answer")
        }
    }
}
