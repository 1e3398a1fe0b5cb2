// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Lists every metric that this system emits. A test fails if the sources emit a label that is missing here.
package enum MetricCatalogue {
    package static let all: [KnownMetric] = messages + updates + screens + database + fleet + telemetry + process

    /// Counters whose series are known beforehand. They exist from the start at zero: a series that appeared with its
    /// first count would begin at one, and no rate would show the rise.
    static let countedFromTheStart = (messages + updates + screens + database + telemetry).filter {
        $0.kind == .counter && ($0.dimensions.isEmpty || !$0.values.isEmpty)
    }

    /// The metrics by the label that the code emits.
    package static let byLabel: [String: KnownMetric] = Dictionary(
        all.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })

    /// Buckets for durations: from a tenth of a millisecond to half a minute, finer near the time promised for screens.
    package static let seconds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]
    /// Buckets for the sizes of batches; a batch holds 512 at most.
    package static let counts: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

    private static let messages = [
        KnownMetric(
            "consultease.ingest.messages", .counter, by: ["outcome", "reason"],
            help: "Messages that were committed, by outcome: accepted, duplicate or refused; a refusal has its reason."),
        KnownMetric(
            "consultease.ingest.displaced", .counter, by: ["reason"], values: ["newer-words", "answers-too-many"],
            help: "QoS 0 messages beyond their unit's share of the queue, by what became of them."),
        KnownMetric(
            "consultease.ingest.unrecorded", .counter,
            help: "Messages whose refusal the database refused, too: the log alone names them."),
        KnownMetric(
            "consultease.ingest.lost", .counter,
            help: "QoS 0 messages that were queued when this server stopped, or stopped leading, and are lost."),
        KnownMetric(
            "consultease.ingest.retries", .counter,
            help: "Batches tried again since the database could not commit them."),
        KnownMetric(
            "consultease.ingest.batch.messages", .histogram(buckets: counts),
            help: "Messages committed by one transaction."),
        KnownMetric(
            "consultease.ingest.commit", .histogram(buckets: seconds), .seconds,
            help: "How long a batch took from the start of its transaction to its durable end, with its retries."),
        KnownMetric(
            "consultease.broker.calls.dropped", .counter,
            help: "The server's own calls that the broker acknowledged and dropped: units' messages were dropped too."),
        KnownMetric(
            "consultease.broker.messages.dropped", .counter,
            help: "Messages that the embedded broker says it dropped, since a queue was full; 0 with any other broker."),
        KnownMetric(
            "consultease.desk.replies.dropped", .counter,
            help: "Replies to desk units that a full queue dropped; the unit asks again."),
    ]

    private static let updates = [
        KnownMetric(
            "consultease.update.committed", .histogram(buckets: seconds), .seconds,
            help: "From a message's arrival to its commit."),
        KnownMetric(
            "consultease.update.written", .histogram(buckets: seconds), .seconds,
            help:
                "From a message's arrival until one open stream had the frame that shows it written; one sample a stream."
        ),
        KnownMetric(
            "consultease.update.shown", .histogram(buckets: seconds), .seconds,
            help: "Update latency: from a message's arrival until the last open stream was told of its revision."),
        KnownMetric(
            "consultease.update.untraced", .counter,
            help: "Revisions whose way to the screens was not followed to its end, since too many were under way."),
    ]

    private static let screens = [
        KnownMetric(
            "consultease.board.reads", .counter, by: ["result"], values: ["hit", "wait"],
            help: "Reads of the board: hit, served at the revision asked for without waiting, or wait."),
        KnownMetric("consultease.streams.open", .gauge, help: "Event streams that are open: the subscribers."),
        KnownMetric(
            "consultease.streams.coalesced", .counter,
            help: "Revisions that no frame of their own told of, since the reader was slow."),
        KnownMetric(
            "consultease.streams.stalled", .counter,
            help: "Event streams that were cut, since a write to them stood still."),
        KnownMetric(
            "consultease.streams.refused", .counter, by: ["reason"], values: ["share", "full"],
            help: "Event streams that were refused: share, since their address had its share, or full."),
        KnownMetric("consultease.connections.open", .gauge, help: "Connections to the pages' port that are open."),
        KnownMetric(
            "consultease.connections.refused", .counter, by: ["reason"],
            values: ["share", "full", "displaced", "late"],
            help:
                "Connections that were refused (share, full), or closed without a whole request (displaced, late)."),
        KnownMetric(
            "http.server.request.duration", .histogram(buckets: seconds), .seconds,
            by: ["http.request.method", "http.route", "http.response.status_code"],
            help: "How long requests took, until the head of the answer for an event stream."),
    ]

    private static let database = [
        KnownMetric(
            "consultease.database.pool.wait", .histogram(buckets: seconds), .seconds, by: ["role"],
            help: "How long a transaction waited for a connection."),
        KnownMetric(
            "consultease.database.pool.timeouts", .counter, by: ["role"],
            help: "Transactions that got no connection in time."),
        KnownMetric("consultease.database.connections", .gauge, by: ["role"], help: "Connections to the database."),
        KnownMetric(
            "consultease.database.reconnects", .counter, by: ["role"],
            help: "Connections made in the place of a lost one."),
        KnownMetric(
            "consultease.database.unknown_commits", .counter, by: ["outcome"],
            values: ["committed", "aborted", "unresolved"],
            help: "Commits whose answer was lost, by what was found when looking."),
        KnownMetric(
            "consultease.database.conflicts", .counter, by: ["outcome"], values: ["retried", "exhausted"],
            help: "Transactions that the database gave up for another's sake: retried, or exhausted after the last try."
        ),
        KnownMetric(
            "consultease.versions.conflicts", .counter, by: ["outcome"], values: ["retried", "exhausted"],
            help: "Edits that found a newer version: retried from fresh state, exhausted, or a person's to decide."),
        KnownMetric(
            "consultease.lineage", .gauge, by: ["lineage"], name: "consultease_lineage_info",
            help: "The lineage of the database; always 1."),
        KnownMetric(
            "consultease.revision", .gauge, help: "The revision of the board that this instance shows."),
        KnownMetric(
            "consultease.database.wal.size", .gauge, .bytes,
            help: "Size of SQLite's write-ahead log; grows while some program reads an old state of the database."),
        KnownMetric(
            "consultease.backup.completed", .gauge, .seconds, name: "consultease_backup_completed_timestamp_seconds",
            help: "When the newest backup in the data folder was completed, in seconds of UTC; 0 where there is none."),
    ]

    private static let fleet = [
        KnownMetric(
            "consultease.units", .gauge, by: ["state"],
            help: "Desk units by liveness: live, silent, offline or never-heard."),
        KnownMetric(
            "consultease.leader", .gauge, help: "1 where this instance ingests and delivers, 0 where it stands by."),
        KnownMetric(
            "consultease.health.ready", .gauge, by: ["check"],
            help: "1 where a check of readiness holds, 0 where it fails."),
    ]

    private static let telemetry = [
        KnownMetric(
            "consultease.telemetry.spans", .counter, by: ["outcome"], values: ["exported", "dropped", "failed"],
            help: "Spans that ended, by outcome: exported, dropped by a full buffer, or failed to be exported."),
        KnownMetric(
            "consultease.telemetry.series.overflow", .counter,
            help: "Times that a new series was asked for and its metric had as many as it may."),
        KnownMetric(
            "consultease.telemetry.observations.failed", .counter, by: ["observation"],
            help: "Times that something observed at intervals could not be asked."),
        KnownMetric(
            "consultease.build", .gauge, by: ["version", "swift"], name: "consultease_build_info",
            help: "What this program was built from; always 1."),
    ]

    private static let process = [
        KnownMetric(
            "process.cpu.time", .counter, .seconds, name: "process_cpu_seconds_total",
            help: "Total user and system CPU time spent in seconds."),
        KnownMetric(
            "process.start.time", .gauge, .seconds, name: "process_start_time_seconds",
            help: "Start time of the process since the epoch of Unix in seconds."),
        KnownMetric(
            "process.memory.resident", .gauge, .bytes, name: "process_resident_memory_bytes",
            help: "Resident memory size in bytes."),
        KnownMetric(
            "process.memory.virtual", .gauge, .bytes, name: "process_virtual_memory_bytes",
            help: "Virtual memory size in bytes."),
        KnownMetric("process.fds.open", .gauge, name: "process_open_fds", help: "Number of open file descriptors."),
        KnownMetric(
            "process.fds.limit", .gauge, name: "process_max_fds", help: "Maximum number of open file descriptors."),
        KnownMetric("process.threads", .gauge, name: "process_threads", help: "Number of threads of the process."),
    ]
}
