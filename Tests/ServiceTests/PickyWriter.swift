// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// A database that fails certain statements, which the test selects by their text and values.
struct PickyWriter: Writer {
    let engine: any Engine
    let fault: @Sendable (_ text: String, _ values: [SQLValue]) -> SQLError?

    func write<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value {
        try await engine.write { [fault] connection in
            try body(PickyConnection(connection: connection, fault: fault))
        }
    }

    private struct PickyConnection: Connection {
        let connection: any Connection
        let fault: @Sendable (String, [SQLValue]) -> SQLError?

        var dialect: SQLDialect { connection.dialect }

        private func look(at statement: SQLStatement) throws(SQLError) {
            let (text, parameters) = statement.rendered { _, _ in "?" }
            if let error = fault(text, parameters.flatMap(\.values)) { throw error }
        }

        func execute(_ statement: SQLStatement) throws(SQLError) -> Int {
            try look(at: statement)
            return try connection.execute(statement)
        }

        func execute(_ statement: SQLBulkStatement, _ rows: SQLRows) throws(SQLError) {
            if !rows.isEmpty, let error = fault("\(statement.head) \(statement.tail)", rows.values) { throw error }
            try connection.execute(statement, rows)
        }

        func query(
            _ statement: SQLStatement, each body: (inout RowReader) throws(SQLError) -> Void
        ) throws(SQLError) {
            try look(at: statement)
            try connection.query(statement, each: body)
        }

        func script(_ text: String) throws(SQLError) { try connection.script(text) }

        func takeItsTime() throws(SQLError) { try connection.takeItsTime() }

        func timeline() throws(SQLError) -> String? { try connection.timeline() }
    }
}

extension SQLValue {
    /// Whether the value is text that a database with another encoding than UTF-8 may be unable to hold.
    var isBeyondASCII: Bool {
        if case .text(let text) = self { text.utf8.contains { $0 >= 0x80 } } else { false }
    }
}
