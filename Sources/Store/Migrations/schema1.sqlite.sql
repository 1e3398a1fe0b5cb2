-- Schema 1 on SQLite. This script has landed, so it never changes: FrozenSchemaTests holds its checksum.
CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;

-- One row. ours: 0 an outsider writes, 1 a transaction of ours, 2 one that has taken its number.
CREATE TABLE revision (
    id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL, ours INTEGER NOT NULL,
    committed_at INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES (1, 0, 0, 0);

-- What changed last at which revision: one row an entity, never trimmed.
CREATE TABLE change (
    kind TEXT NOT NULL, id INTEGER NOT NULL, revision INTEGER NOT NULL, deleted INTEGER NOT NULL,
    PRIMARY KEY (kind, id)) STRICT;
CREATE INDEX change_by_revision ON change (kind, revision);

CREATE TABLE faculty (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    surname TEXT NOT NULL CHECK (length(surname) BETWEEN 1 AND 200),
    department TEXT NOT NULL CHECK (length(department) BETWEEN 1 AND 200),
    room TEXT, directions TEXT, subjects TEXT, email TEXT, image_path TEXT,
    hides_last_seen INTEGER NOT NULL DEFAULT 0, archived_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1) STRICT;

CREATE TABLE beacon (
    address TEXT PRIMARY KEY NOT NULL,
    faculty_id INTEGER NOT NULL REFERENCES faculty (id) ON DELETE CASCADE) STRICT;
CREATE INDEX beacon_by_faculty ON beacon (faculty_id);

CREATE TABLE presence (
    faculty_id INTEGER PRIMARY KEY REFERENCES faculty (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('present', 'absent', 'unknown')),
    since INTEGER NOT NULL, source TEXT NOT NULL CHECK (source IN ('beacon', 'button', 'own-word', 'calendar', 'consultation', 'unit')), unit_id TEXT,
    evidence_at INTEGER NOT NULL,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)), version INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE INDEX presence_by_unit ON presence (unit_id);

CREATE TABLE override (
    faculty_id INTEGER PRIMARY KEY REFERENCES faculty (id) ON DELETE CASCADE,
    word TEXT NOT NULL CHECK (word IN ('available', 'busy', 'away', 'out')),
    set_at INTEGER NOT NULL, until INTEGER, version INTEGER NOT NULL DEFAULT 1) STRICT;

-- What is shown. Only the server writes it; next_change_at <= now means: to be computed.
CREATE TABLE availability (
    faculty_id INTEGER PRIMARY KEY REFERENCES faculty (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('available', 'busy', 'in-consultation', 'away', 'out', 'unknown')),
    source TEXT NOT NULL CHECK (source IN ('beacon', 'button', 'own-word', 'calendar', 'consultation', 'unit')), since INTEGER, until INTEGER,
    last_known TEXT CHECK (last_known IN ('present', 'absent', 'unknown')),
    last_evidence INTEGER, always_available INTEGER NOT NULL DEFAULT 0, next_change_at INTEGER) STRICT;
CREATE INDEX availability_due ON availability (next_change_at) WHERE next_change_at IS NOT NULL;

CREATE TABLE student (
    id INTEGER PRIMARY KEY /* generated */, number TEXT NOT NULL UNIQUE, name TEXT NOT NULL, department TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1) STRICT;

CREATE TABLE consultation (
    id INTEGER PRIMARY KEY /* generated */, faculty_id INTEGER NOT NULL REFERENCES faculty (id),
    student_id INTEGER NOT NULL REFERENCES student (id),
    status TEXT NOT NULL CHECK (status IN ('pending', 'accepted', 'busy', 'declined', 'in-progress',
        'completed', 'cancelled', 'expired', 'no-show')),
    topic TEXT NOT NULL, message TEXT NOT NULL, minutes INTEGER, created_at INTEGER NOT NULL,
    answered_at INTEGER, started_at INTEGER, on_screen_of TEXT, shown_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE INDEX consultation_by_faculty ON consultation (faculty_id, status);
CREATE INDEX consultation_by_screen ON consultation (on_screen_of) WHERE on_screen_of IS NOT NULL;

CREATE TABLE desk_unit (
    id TEXT PRIMARY KEY NOT NULL, dialect INTEGER NOT NULL CHECK (dialect IN (1, 2)),
    faculty_id INTEGER REFERENCES faculty (id) ON DELETE SET NULL,
    speaks_professor_status INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1) STRICT;

-- What orders a unit's messages and tells that it lives: committed before the ack, watched by no change trigger.
CREATE TABLE unit_link (
    unit_id TEXT PRIMARY KEY NOT NULL REFERENCES desk_unit (id) ON DELETE CASCADE,
    heard_at INTEGER, tolerance INTEGER NOT NULL, offline_since INTEGER,
    uptime INTEGER, uptime_at INTEGER, started_at INTEGER,
    heartbeat_at INTEGER, heartbeat_interval INTEGER, boot TEXT, gaps INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE unit_boot (
    unit_id TEXT NOT NULL REFERENCES desk_unit (id) ON DELETE CASCADE, boot TEXT NOT NULL,
    seen TEXT NOT NULL, last_presence INTEGER, PRIMARY KEY (unit_id, boot)) STRICT;

CREATE TABLE applied_answer (
    unit_id TEXT NOT NULL REFERENCES desk_unit (id) ON DELETE CASCADE, message_id TEXT NOT NULL,
    response_type TEXT NOT NULL, timestamp TEXT NOT NULL,
    PRIMARY KEY (unit_id, message_id, response_type, timestamp)) STRICT;

-- unit is '' where the message names none that we know.
CREATE TABLE refusal (
    unit TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL, PRIMARY KEY (unit, reason)) STRICT;
CREATE TABLE refusal_sample (
    id INTEGER PRIMARY KEY /* generated */, unit TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
    topic TEXT NOT NULL, payload TEXT NOT NULL) STRICT;
CREATE INDEX refusal_sample_by_cause ON refusal_sample (unit, reason, id);

-- That a broker keeps a session for us is state of ours: noted before the first connect (MQTT-3.2.2-4).
CREATE TABLE mqtt_session (
    broker TEXT NOT NULL, client_id TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (broker, client_id)) STRICT;
CREATE TRIGGER faculty_added AFTER INSERT ON faculty BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER faculty_changed AFTER UPDATE ON faculty WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.surname IS DISTINCT FROM NEW.surname OR OLD.department IS DISTINCT FROM NEW.department OR OLD.room IS DISTINCT FROM NEW.room OR OLD.directions IS DISTINCT FROM NEW.directions OR OLD.subjects IS DISTINCT FROM NEW.subjects OR OLD.image_path IS DISTINCT FROM NEW.image_path OR OLD.hides_last_seen IS DISTINCT FROM NEW.hides_last_seen OR OLD.archived_at IS DISTINCT FROM NEW.archived_at OR OLD.version IS DISTINCT FROM NEW.version) BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER faculty_removed AFTER DELETE ON faculty BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', OLD.id, n, 1 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER availability_added AFTER INSERT ON availability BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER availability_changed AFTER UPDATE ON availability WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.source IS DISTINCT FROM NEW.source OR OLD.since IS DISTINCT FROM NEW.since OR OLD.until IS DISTINCT FROM NEW.until OR OLD.last_known IS DISTINCT FROM NEW.last_known OR OLD.last_evidence IS DISTINCT FROM NEW.last_evidence OR OLD.always_available IS DISTINCT FROM NEW.always_available) BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER waiting_added AFTER INSERT ON consultation WHEN ((NEW.status IN ('pending', 'busy'))) BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER waiting_removed AFTER DELETE ON consultation WHEN ((OLD.status IN ('pending', 'busy'))) BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', OLD.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER waiting_changed AFTER UPDATE ON consultation WHEN ((OLD.status IN ('pending', 'busy')) <> (NEW.status IN ('pending', 'busy')) OR OLD.faculty_id <> NEW.faculty_id) BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER waiting_moved AFTER UPDATE OF faculty_id ON consultation WHEN (OLD.faculty_id <> NEW.faculty_id) BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', OLD.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER faculty_added_due AFTER INSERT ON faculty BEGIN
INSERT INTO availability (faculty_id, state, source, next_change_at)
    VALUES (NEW.id, 'unknown', 'unit', 0) ON CONFLICT (faculty_id) DO NOTHING;
END;
CREATE TRIGGER faculty_hides_due AFTER UPDATE OF hides_last_seen ON faculty BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.id);
END;
CREATE TRIGGER faculty_removed_due AFTER DELETE ON faculty BEGIN
DELETE FROM availability WHERE faculty_id = OLD.id;
DELETE FROM presence WHERE faculty_id = OLD.id;
DELETE FROM override WHERE faculty_id = OLD.id;
DELETE FROM beacon WHERE faculty_id = OLD.id;
END;
CREATE TRIGGER presence_added_due AFTER INSERT ON presence BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
END;
CREATE TRIGGER presence_changed_due AFTER UPDATE OF state, since, source, unit_id, verified ON presence BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
END;
CREATE TRIGGER presence_removed_due AFTER DELETE ON presence BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (OLD.faculty_id);
END;
CREATE TRIGGER override_added_due AFTER INSERT ON override BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
END;
CREATE TRIGGER override_changed_due AFTER UPDATE ON override BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
END;
CREATE TRIGGER override_removed_due AFTER DELETE ON override BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (OLD.faculty_id);
END;
CREATE TRIGGER consultation_added_due AFTER INSERT ON consultation WHEN (NEW.status = 'in-progress') BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
END;
CREATE TRIGGER consultation_changed_due AFTER UPDATE OF status, faculty_id, started_at ON consultation WHEN ('in-progress' IN (OLD.status, NEW.status)) BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (OLD.faculty_id);
END;
CREATE TRIGGER consultation_removed_due AFTER DELETE ON consultation WHEN (OLD.status = 'in-progress') BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (OLD.faculty_id);
END;
CREATE TRIGGER link_added_due AFTER INSERT ON unit_link BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (SELECT faculty_id FROM presence WHERE unit_id = NEW.unit_id);
END;
CREATE TRIGGER link_heard_due AFTER UPDATE OF heard_at, offline_since, tolerance ON unit_link BEGIN
UPDATE availability SET next_change_at = 0
    WHERE faculty_id IN (SELECT faculty_id FROM presence WHERE unit_id = NEW.unit_id)
    AND (state = 'unknown' OR OLD.offline_since IS DISTINCT FROM NEW.offline_since
        OR NEW.tolerance < OLD.tolerance);
END;
CREATE TRIGGER link_removed_due AFTER DELETE ON unit_link BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (SELECT faculty_id FROM presence WHERE unit_id = OLD.unit_id);
END;
CREATE TRIGGER unit_moved AFTER UPDATE OF faculty_id ON desk_unit WHEN (OLD.faculty_id IS DISTINCT FROM NEW.faculty_id) BEGIN
UPDATE presence SET unit_id = NULL, verified = 0, version = version + 1
    WHERE unit_id = NEW.id AND faculty_id IS DISTINCT FROM NEW.faculty_id;
END;
CREATE TRIGGER availability_restored AFTER DELETE ON availability BEGIN
INSERT INTO availability (faculty_id, state, source, next_change_at)
    SELECT id, 'unknown', 'unit', 0 FROM faculty WHERE id = OLD.faculty_id;
END;
CREATE TRIGGER faculty_id_fixed BEFORE UPDATE OF id ON faculty WHEN (OLD.id <> NEW.id) BEGIN
SELECT RAISE(ABORT, 'a faculty id never changes');
END;
