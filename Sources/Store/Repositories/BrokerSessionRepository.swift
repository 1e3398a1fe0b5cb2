// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Which brokers keep a session for us.
package struct BrokerSessionRepository {
    private let transaction: Transaction

    package init(_ transaction: Transaction) {
        self.transaction = transaction
    }

    package func exists(broker: String, clientID: String) throws -> Bool {
        try transaction.connection.first(
            "SELECT 1 FROM mqtt_session WHERE broker = \(broker) AND client_id = \(clientID)") != nil
    }

    package func record(broker: String, clientID: String) throws {
        try transaction.connection.execute(
            """
            INSERT INTO mqtt_session (broker, client_id, since) VALUES (\(broker), \(clientID), \(transaction.now))
            ON CONFLICT (broker, client_id) DO NOTHING
            """)
    }

    package func forget(broker: String, clientID: String) throws {
        try transaction.connection.execute(
            "DELETE FROM mqtt_session WHERE broker = \(broker) AND client_id = \(clientID)")
    }
}
