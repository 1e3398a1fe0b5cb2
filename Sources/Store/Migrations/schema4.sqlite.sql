-- Schema 4 on SQLite. This script has landed, so it never changes: FrozenSchemaTests holds its checksum.
--
-- SQLite builds a temporary table for each IN, each time that a trigger fires: a batch of 512 messages built more than a
-- thousand. These triggers do what they did, with = for one person; and a unit that is heard without effect on any
-- availability no longer runs an UPDATE.
DROP TRIGGER faculty_hides_due;
CREATE TRIGGER faculty_hides_due AFTER UPDATE OF hides_last_seen ON faculty BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = NEW.id;
END;
DROP TRIGGER presence_added_due;
CREATE TRIGGER presence_added_due AFTER INSERT ON presence BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = NEW.faculty_id;
END;
DROP TRIGGER presence_changed_due;
CREATE TRIGGER presence_changed_due AFTER UPDATE OF state, since, source, unit_id, verified ON presence BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = NEW.faculty_id;
END;
DROP TRIGGER presence_removed_due;
CREATE TRIGGER presence_removed_due AFTER DELETE ON presence BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = OLD.faculty_id;
END;
DROP TRIGGER override_added_due;
CREATE TRIGGER override_added_due AFTER INSERT ON override BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = NEW.faculty_id;
END;
DROP TRIGGER override_changed_due;
CREATE TRIGGER override_changed_due AFTER UPDATE ON override BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = NEW.faculty_id;
END;
DROP TRIGGER override_removed_due;
CREATE TRIGGER override_removed_due AFTER DELETE ON override BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = OLD.faculty_id;
END;
DROP TRIGGER consultation_added_due;
CREATE TRIGGER consultation_added_due AFTER INSERT ON consultation WHEN (NEW.status = 'in-progress') BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = NEW.faculty_id;
END;
DROP TRIGGER consultation_changed_due;
CREATE TRIGGER consultation_changed_due AFTER UPDATE OF status, faculty_id, started_at ON consultation WHEN ('in-progress' IN (OLD.status, NEW.status)) BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = NEW.faculty_id;
UPDATE availability SET next_change_at = 0 WHERE faculty_id = OLD.faculty_id;
END;
DROP TRIGGER consultation_removed_due;
CREATE TRIGGER consultation_removed_due AFTER DELETE ON consultation WHEN (OLD.status = 'in-progress') BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id = OLD.faculty_id;
END;
DROP TRIGGER link_heard_due;
CREATE TRIGGER link_heard_due AFTER UPDATE OF heard_at, offline_since, tolerance ON unit_link WHEN (
    OLD.offline_since IS DISTINCT FROM NEW.offline_since OR NEW.tolerance < OLD.tolerance OR EXISTS (
        SELECT 1 FROM presence p JOIN availability a ON a.faculty_id = p.faculty_id
        WHERE p.unit_id = NEW.unit_id AND a.state = 'unknown')) BEGIN
UPDATE availability SET next_change_at = 0
    WHERE faculty_id IN (SELECT faculty_id FROM presence WHERE unit_id = NEW.unit_id)
    AND (state = 'unknown' OR OLD.offline_since IS DISTINCT FROM NEW.offline_since
        OR NEW.tolerance < OLD.tolerance);
END;
