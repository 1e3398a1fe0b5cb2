// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import MQTT

/// Asks whether somebody speaks MQTT at an address: one CONNECT, and a DISCONNECT at once.
enum BrokerProbe {
    enum Answer: Sendable {
        /// CONNACK without a failure code.
        case welcome
        /// Nobody listens.
        case nobody(String)
        /// The line to it could not be secured.
        case unsecured(TLSFailure)
        /// A broker that knows none of these credentials.
        case stranger(String)
        /// Somebody listens who is no broker, or would not have us.
        case refusal(String)
    }

    /// The one name of `doctor` at brokers where it signs in as the server: a session that it leaves is the same each time.
    private static let signingIn = "consultease-doctor"

    /// Signs in with the server's own credentials. A broker may name sessions by their user instead of the client's name; so
    /// that the server's session, if this takes it over, goes on with all that waits in it, it is resumed and kept.
    static func signIn(_ address: BrokerAddress, _ credentials: Credentials) async -> Answer {
        var configuration = ClientConfiguration(address: address, clientID: signingIn)
        configuration.credentials = credentials
        configuration.session = .persistent(expirySeconds: 7 * 24 * 3600, marker: KnownSession())
        configuration.receiveMaximum = 1
        return await answer(configuration)
    }

    /// Whatever session there is, is welcome.
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
