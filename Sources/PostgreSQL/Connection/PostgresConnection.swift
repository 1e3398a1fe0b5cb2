// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import Foundation
import Logging
import SQL

/// One libpq connection. It is made, used and ended on one thread.
///
/// Every wait has an end of its own: a server that hangs, or is cut off, makes the link broken, never the thread stuck.
final class PostgresConnection {
    private let handle: OpaquePointer
    private let notices: Notices
    private var prepared = PreparedStatements()
    private let statementLimit: Duration
    /// The server was waited for in vain, so nothing that it says later belongs to what is asked then.
    private var isGivenUp = false
    /// When the newest request that was answered had been sent.
    private(set) var lastHeard: ContinuousClock.Instant
    /// Which server, and which past of it.
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

    /// Opens a connection and sets its session. Blocks for at most `connectTimeout`, but for the name's resolution.
    ///
    /// - Parameter settings: beside those that every session has.
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
        // The address stays valid: `notices` lives as long as the connection that calls it.
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

    /// Whether nothing can come over this link any more.
    var isBroken: Bool { isGivenUp || PQstatus(handle) != CONNECTION_OK }

    /// Whether the server waits for nothing but the end of a failed transaction, or for nothing at all.
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(handle) }

    var descriptor: Int32 { PQsocket(handle) }

    /// Runs COMMIT. One with a warning is done all the same: the server no longer waits for the standby that should
    /// have it.
    func commit(within limit: Duration?) throws(SQLError) -> ServerAnswer {
        let warned = notices.warnings
        let answer = try simple("COMMIT", within: limit)
        if notices.warnings != warned {
            notices.logger.warning("A transaction is committed, but a standby that has to have it may not")
        }
        return answer
    }

    /// Closes the connection for all its holders, and tells the server at once.
    func giveUp() {
        isGivenUp = true
        let descriptor = PQsocket(handle)
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    // MARK: Opening

    private func connect(until deadline: Deadline) throws(SQLError) {
        // Only so does a refusal to connect carry its SQLSTATE.
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
        // Or sending more than the socket takes would wait for the server without an end.
        guard PQsetnonblocking(handle, 1) == 0 else { throw refusal }
    }

    /// Why no connection came to be: `… failed: FATAL:  28P01: password authentication failed for user "x"`.
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
        // Set even if it is right: what isn't follows the server's configuration, which may change under us.
        let kept = [("synchronous_commit", found.keptSynchronousCommit)]
        let calls = (settings + kept).map { "set_config('\($0.0)', '\($0.1)', false)" }.joined(separator: ", ")
        try simple("SELECT \(calls)")
    }

    // MARK: Statements

    /// A limit for what may take as long as the connection lives.
    static let unlimited = Duration.seconds(1_000_000)

    /// Runs text without values, several statements too, and returns the last one's answer.
    @discardableResult
    func simple(_ text: String, within limit: Duration? = nil) throws(SQLError) -> ServerAnswer {
        try exchange(text, within: limit ?? statementLimit) { PQsendQuery($0, text) }
    }

    /// The one row of a question to the server itself.
    func row(_ text: String) throws(SQLError) -> SQLRow {
        guard let row = try simple(text).rows().first else {
            throw SQLError(code: .other, message: "the server gave no row")
        }
        return row
    }

    /// Runs one statement with its values bound. It stays prepared for the next time if that is worth it.
    ///
    /// - Parameter limit: how long the answer may take, if the server's own time-out is lifted.
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

    /// Sends what the socket didn't take at once. Each part of it has to be taken soon, however long the answer may
    /// take.
    private func flush(until deadline: Deadline) throws(SQLError) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: break
            // The server's last word, if there is one, is the answer.
            default: return
            }
            let stalled = min(deadline, .now.advanced(by: statementLimit))
            guard poll(descriptor: PQsocket(handle), Int32(POLLIN | POLLOUT), until: stalled) else {
                throw gaveUpForSilence()
            }
            // A server that answers before it has heard all waits for us to read.
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
            // Once it fails there is an answer to take: the reason.
            guard PQconsumeInput(handle) == 1 else { break }
        }
        return PQgetResult(handle).map(ServerAnswer.init)
    }

    /// A prepared statement whose tables have changed, or that was dropped, says nothing against the
    /// transaction: it is to be run anew.
    private func noted(_ error: SQLError, _ sqlState: String?) -> SQLError {
        let isStale = sqlState == "26000" || (sqlState == "0A000" && error.message.hasPrefix("cached plan"))
        guard isStale else { return error }
        prepared.forgetAll()
        return error.with(code: .conflict)
    }

    // MARK: Listening

    /// Takes in what has come unasked. Returns the payloads of the notifications among it.
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

    /// Libpq's text in one line, without its hints on what "probably" happened.
    static func line(_ text: UnsafePointer<CChar>?) -> String {
        let lines = text.map { String(cString: $0) }?.split(separator: "\n") ?? []
        let kept = lines.filter { !$0.hasPrefix("\t") && !$0.hasPrefix("LOCATION:") }
        return kept.isEmpty ? "the connection ended" : kept.joined(separator: "; ")
    }
}
