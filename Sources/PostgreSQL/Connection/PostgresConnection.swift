// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import Foundation
import Logging
import SQL

/// One libpq connection, which is opened, used and closed on one thread.
///
/// Every wait is bounded: if the server hangs or is cut off, the connection breaks, but the thread doesn't stay
/// blocked.
final class PostgresConnection {
    private let handle: OpaquePointer
    private let notices: Notices
    private var prepared = PreparedStatements()
    private let statementLimit: Duration
    /// Set when the server didn't answer in time: a later answer would belong to an earlier request.
    private var isGivenUp = false
    /// When the newest answered request was sent.
    private(set) var lastHeard: ContinuousClock.Instant
    /// Which server this is, and which history of it.
    private(set) var past = ServerPast(systemIdentifier: nil, timeline: nil, crashMark: "")
    private(set) var durability: Durability?

    /// Keeps libpq's notices out of stderr.
    private final class Notices {
        let logger: Logger
        var warnings = 0

        init(logger: Logger) {
            self.logger = logger
        }
    }

    /// Opens a connection and applies its session settings. Blocks for at most `connectTimeout`, plus the time to
    /// resolve the name.
    ///
    /// - Parameter settings: settings in addition to those of every session.
    static func open(
        _ configuration: PostgreSQLConfiguration, settings: [(name: String, value: String)] = [], logger: Logger
    ) throws(SQLError) -> PostgresConnection {
        PostgreSQLConfiguration.forgetOtherPlaces()
        let keywords = configuration.keywords
        var names: [UnsafePointer<CChar>?] = keywords.map { UnsafePointer(strdup($0.name)) } + [nil]
        var values: [UnsafePointer<CChar>?] = keywords.map { UnsafePointer(strdup($0.value)) } + [nil]
        defer {
            for pointer in names + values { free(UnsafeMutablePointer(mutating: pointer)) }
        }
        guard let handle = PQconnectStartParams(&names, &values, 0) else {
            throw SQLError(code: .cannotOpen, message: "no memory for a connection")
        }
        let link = PostgresConnection(handle, configuration: configuration, logger: logger)
        try link.connect(until: .now.advanced(by: configuration.limits.connectTimeout))
        try link.prepareSession(configuration, settings: configuration.sessionSettings + settings)
        return link
    }

    private init(_ handle: OpaquePointer, configuration: PostgreSQLConfiguration, logger: Logger) {
        self.handle = handle
        statementLimit = configuration.limits.statementTimeout + .seconds(5)
        notices = Notices(logger: logger)
        lastHeard = .now
        // The address stays valid, because `notices` lives as long as the connection that uses it.
        PQsetNoticeReceiver(
            handle,
            { context, result in
                guard let context, let result else { return }
                let notices = Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue()
                let severity = PQresultErrorField(result, 0x56).map { String(cString: $0) } ?? ""
                if severity == "WARNING" { notices.warnings += 1 }
                let text = PQresultErrorField(result, 0x4D).map { String(cString: $0) } ?? ""
                notices.logger.log(
                    level: severity == "WARNING" ? .warning : .debug, "PostgreSQL notice",
                    metadata: ["severity": "\(severity)", "text": "\(text)"])
            }, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit {
        PQfinish(handle)
    }

    /// Whether the connection can no longer carry an answer.
    var isBroken: Bool { isGivenUp || PQstatus(handle) != CONNECTION_OK }

    /// Whether the connection is idle, in a transaction, or in one that has failed.
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(handle) }

    var descriptor: Int32 { PQsocket(handle) }

    /// Runs COMMIT. A COMMIT with a warning has happened: the server only stopped waiting for the standby that must
    /// have it.
    func commit(within limit: Duration?) throws(SQLError) -> ServerAnswer {
        let warned = notices.warnings
        let answer = try simple("COMMIT", within: limit)
        if notices.warnings != warned {
            notices.logger.warning("A transaction is committed, but a required standby may not have it")
        }
        return answer
    }

    /// Shuts the connection down for every process that holds its descriptor, and tells the server at once.
    func giveUp() {
        isGivenUp = true
        let descriptor = PQsocket(handle)
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    // MARK: Opening

    private func connect(until deadline: Deadline) throws(SQLError) {
        // Only verbose errors contain the SQLSTATE of a refused connection.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard PQstatus(handle) != CONNECTION_BAD, state != PGRES_POLLING_FAILED else { throw refusal }
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard poll(descriptor: PQsocket(handle), Int32(events), until: deadline) else {
                giveUp()
                throw SQLError(code: .connectionLost, message: "PostgreSQL did not answer in time")
            }
            state = PQconnectPoll(handle)
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        // A blocking connection could wait without a bound for the server to read what the socket can't take.
        guard PQsetnonblocking(handle, 1) == 0 else { throw refusal }
    }

    /// Why the connection failed: `… failed: FATAL:  28P01: password authentication failed for user "x"`.
    private var refusal: SQLError {
        let text = Self.line(PQerrorMessage(handle))
        for severity in ["FATAL:  ", "ERROR:  ", "PANIC:  "] {
            guard let start = text.range(of: severity)?.upperBound else { continue }
            let rest = text[start...]
            let sqlState = rest.prefix(5)
            guard sqlState.utf8.count == 5, rest.dropFirst(5).hasPrefix(": ") else { continue }
            return SQLError(sqlState: String(sqlState), primary: String(rest.dropFirst(7)))
        }
        return SQLError(code: .connectionLost, message: text)
    }

    private func prepareSession(
        _ configuration: PostgreSQLConfiguration, settings: [(name: String, value: String)]
    ) throws(SQLError) {
        let found = try Durability.read(over: self)
        durability = found
        past = try ServerPast.read(over: self)
        // The setting is applied even if it is right: otherwise it would follow the server's configuration, which may
        // change.
        let kept = [("synchronous_commit", found.keptSynchronousCommit)]
        let calls = (settings + kept).map { "set_config('\($0.0)', '\($0.1)', false)" }.joined(separator: ", ")
        try simple("SELECT \(calls)")
    }

    // MARK: Statements

    /// A limit for answers that may take as long as the connection lives.
    static let unlimited = Duration.seconds(1_000_000)

    /// Runs text without values, which may hold several statements, and returns the last answer.
    @discardableResult
    func simple(_ text: String, within limit: Duration? = nil) throws(SQLError) -> ServerAnswer {
        try exchange(text, within: limit ?? statementLimit) { PQsendQuery($0, text) }
    }

    /// Returns the single row of a query about the server itself.
    func row(_ text: String) throws(SQLError) -> SQLRow {
        guard let row = try simple(text).rows().first else {
            throw SQLError(code: .other, message: "the server gave no row")
        }
        return row
    }

    /// Runs one statement with bound values. Statements with few values stay prepared for the next time.
    ///
    /// - Parameter limit: bounds the answer if the server's own time-out is lifted.
    func run(_ statement: SQLStatement, within limit: Duration? = nil) throws(SQLError) -> ServerAnswer {
        let (text, values) = statement.rendered { position, parameter in
            switch parameter {
            case .value: "$\(position)"
            case .set: "= ANY ($\(position))"
            case .pairs:
                "(SELECT pair ->> 0 AS column1, pair ->> 1 AS column2 FROM json_array_elements($\(position)::json) pair)"
            }
        }
        let parameters = try Parameters(values)
        // Only the texts of a copy have more values: they differ from call to call and would displace the others.
        guard values.count <= 48 else {
            return try exchange(text, within: limit ?? statementLimit) { handle in
                parameters.withPointers { values, lengths, formats in
                    PQsendQueryParams(
                        handle, text, parameters.count, parameters.types, values, lengths, formats, 0)
                }
            }
        }
        return try runPrepared(text, parameters, within: limit)
    }

    /// Runs a statement once for all of these rows: each column is one array, so the text is the same for any number.
    func run(
        _ statement: SQLBulkStatement, _ rows: SQLRows, within limit: Duration? = nil
    ) throws(SQLError) -> ServerAnswer {
        let columns = statement.types.enumerated()
        let arrays = columns.map { "$\($0.offset + 1)::\($0.element.arrayName)" }.joined(separator: ",")
        let names = columns.map { "column\($0.offset + 1)" }.joined(separator: ",")
        return try runPrepared(
            "\(statement.head) SELECT * FROM unnest(\(arrays)) AS source(\(names)) \(statement.tail)",
            Parameters(rows, types: statement.types), within: limit)
    }

    private func runPrepared(
        _ text: String, _ parameters: Parameters, within limit: Duration?
    ) throws(SQLError) -> ServerAnswer {
        let name = try preparedName(text, parameters)
        return try exchange(text, within: limit ?? statementLimit) { handle in
            parameters.withPointers { values, lengths, formats in
                PQsendQueryPrepared(handle, name, parameters.count, values, lengths, formats, 0)
            }
        }
    }

    private func preparedName(_ text: String, _ parameters: Parameters) throws(SQLError) -> String {
        let key = PreparedStatements.Key(text: text, types: parameters.types)
        switch prepared.look(up: key) {
        case .known(let name): return name
        case .new(let name, let evicted):
            do {
                if let evicted { try simple("DEALLOCATE \(evicted)") }
                _ = try exchange(text, within: statementLimit) { handle in
                    PQsendPrepare(handle, name, text, parameters.count, parameters.types)
                }
                return name
            } catch {
                prepared.forget(key)
                throw error
            }
        }
    }

    /// Sends `text` as `send` does, and takes all answers. Returns the last one, or throws the first failure, which
    /// names the text.
    private func exchange(
        _ text: String, within limit: Duration, _ send: (OpaquePointer) -> Int32
    ) throws(SQLError) -> ServerAnswer {
        do {
            return try answers(within: limit, send)
        } catch {
            throw error.with(statement: text)
        }
    }

    private func answers(
        within limit: Duration, _ send: (OpaquePointer) -> Int32
    ) throws(SQLError) -> ServerAnswer {
        let sent = ContinuousClock.now
        let deadline = sent.advanced(by: limit)
        guard send(handle) == 1 else {
            let code: SQLError.Code = PQstatus(handle) == CONNECTION_OK ? .statement : .connectionLost
            throw SQLError(code: code, message: Self.line(PQerrorMessage(handle)))
        }
        try flush(until: deadline)
        var last: ServerAnswer?
        var failure: SQLError?
        while let answer = try nextAnswer(until: deadline) {
            if let error = answer.failure, failure == nil { failure = noted(error, answer.sqlState) }
            last = answer
        }
        if let failure { throw isBroken && failure.code != .cannotOpen ? failure.with(code: .connectionLost) : failure }
        guard let last else { throw SQLError(code: .connectionLost, message: Self.line(PQerrorMessage(handle))) }
        lastHeard = sent
        return last
    }

    /// Sends what the socket didn't take at once. The server must take each part soon, even if its answer may take
    /// long.
    private func flush(until deadline: Deadline) throws(SQLError) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: break
            // The connection has failed; the answer is the server's last message, if there is one.
            default: return
            }
            let stalled = min(deadline, .now.advanced(by: statementLimit))
            guard poll(descriptor: PQsocket(handle), Int32(POLLIN | POLLOUT), until: stalled) else {
                throw gaveUpForSilence()
            }
            // A server that answers before it has read everything waits for the client to read.
            guard PQconsumeInput(handle) == 1 else { return }
        }
    }

    private func gaveUpForSilence() -> SQLError {
        giveUp()
        return SQLError(code: .connectionLost, message: "PostgreSQL did not answer in time: the connection is given up")
    }

    private func nextAnswer(until deadline: Deadline) throws(SQLError) -> ServerAnswer? {
        while PQisBusy(handle) == 1 {
            guard poll(descriptor: PQsocket(handle), Int32(POLLIN), until: deadline) else { throw gaveUpForSilence() }
            // After a failure, PQgetResult returns the reason as an answer.
            guard PQconsumeInput(handle) == 1 else { break }
        }
        return PQgetResult(handle).map(ServerAnswer.init)
    }

    /// Makes a stale prepared statement a conflict: its tables have changed, or it was dropped, so the caller runs the
    /// transaction again.
    private func noted(_ error: SQLError, _ sqlState: String?) -> SQLError {
        let isStale = sqlState == "26000" || (sqlState == "0A000" && error.message.hasPrefix("cached plan"))
        guard isStale else { return error }
        prepared.forgetAll()
        return error.with(code: .conflict)
    }

    // MARK: Listening

    /// Reads notifications that the server has sent, and returns their payloads.
    func heard() throws(SQLError) -> [String] {
        guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else {
            let reason = PQgetResult(handle).map(ServerAnswer.init)?.failure
            throw reason ?? SQLError(code: .connectionLost, message: Self.line(PQerrorMessage(handle)))
        }
        var payloads: [String] = []
        while let notification = PQnotifies(handle) {
            payloads.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return payloads
    }

    /// Joins libpq's text into one line, without its hints on what "probably" happened.
    static func line(_ text: UnsafePointer<CChar>?) -> String {
        let lines = text.map { String(cString: $0) }?.split(separator: "\n") ?? []
        let kept = lines.filter { !$0.hasPrefix("\t") && !$0.hasPrefix("LOCATION:") }
        return kept.isEmpty ? "the connection ended" : kept.joined(separator: "; ")
    }
}
