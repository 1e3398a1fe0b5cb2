// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Checks the role's privileges: all that the server needs, and no more.
enum PostgreSQLPrivileges {
    private static let name = "privileges"

    static func finding(_ connection: any Connection) throws -> Finding {
        let rows = try connection.query(
            """
            SELECT c.relname::text, pg_get_userbyid(c.relowner)::text, pg_has_role(c.relowner, 'USAGE')::int::bigint,
                (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
                    AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))::int::bigint
            FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' ORDER BY 1
            """)
        let role = try connection.first(
            "SELECT rolname::text, rolsuper::int::bigint FROM pg_roles WHERE rolname = current_user")
        let user = try role?.get(0, as: String.self) ?? "?"
        let locked = try rows.filter { try !$0.get(3, as: Bool.self) }.map { try $0.get(0, as: String.self) }
        guard locked.isEmpty else {
            return .failed(
                name, "\(user) may not read and write \(locked.joined(separator: ", "))",
                fix: "as a superuser: REASSIGN OWNED BY \(try owners(rows)) TO \(user)")
        }
        let foreign = try rows.filter { try !$0.get(2, as: Bool.self) }
        guard foreign.isEmpty else {
            return .failed(
                name, "\(foreign.count) tables belong to \(try owners(foreign)): an upgrade of the schema would fail",
                fix: "as a superuser: REASSIGN OWNED BY \(try owners(foreign)) TO \(user)")
        }
        let isSuperuser = try role?.get(1, as: Bool.self) ?? false
        return .ok(
            name,
            "\(user) owns its \(rows.count) tables\(isSuperuser ? "; it is a superuser, which is more than it needs" : "")"
        )
    }

    private static func owners(_ rows: [SQLRow]) throws -> String {
        Set(try rows.map { try $0.get(1, as: String.self) }).sorted().joined(separator: ", ")
    }
}
