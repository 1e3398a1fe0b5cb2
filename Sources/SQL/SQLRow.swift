// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One row of a result: its columns by position, in the order of the SELECT.
package struct SQLRow: Sendable, Hashable {
    package let values: [SQLValue]

    package init(values: [SQLValue]) {
        self.values = values
    }

    /// The column as `type`. Throws if the database holds something else, and names the column.
    package func get<Value: SQLConvertible>(_ column: Int, as type: Value.Type = Value.self) throws(SQLError) -> Value {
        guard values.indices.contains(column), let value = Value(sqlValue: values[column]) else {
            throw .unreadable(column, as: Value.self, values)
        }
        return value
    }
}
