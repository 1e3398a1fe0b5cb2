-- Schema 3 on PostgreSQL. This script has landed, so it never changes: FrozenSchemaTests holds its checksum.
CREATE FUNCTION faculty_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'a version never goes back: leave it out of the UPDATE, and it rises by itself' USING ERRCODE = 'integrity_constraint_violation';
RETURN NULL;
END $$;
CREATE TRIGGER faculty_version_kept BEFORE UPDATE OF version ON faculty FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION faculty_version_kept();
CREATE FUNCTION faculty_version_raised() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
NEW.version := OLD.version + 1;
RETURN NEW;
END $$;
CREATE TRIGGER faculty_version_raised BEFORE UPDATE ON faculty FOR EACH ROW WHEN (NEW.version = OLD.version AND (OLD.id IS DISTINCT FROM NEW.id OR OLD.name IS DISTINCT FROM NEW.name OR OLD.surname IS DISTINCT FROM NEW.surname OR OLD.department IS DISTINCT FROM NEW.department OR OLD.room IS DISTINCT FROM NEW.room OR OLD.directions IS DISTINCT FROM NEW.directions OR OLD.subjects IS DISTINCT FROM NEW.subjects OR OLD.email IS DISTINCT FROM NEW.email OR OLD.image_path IS DISTINCT FROM NEW.image_path OR OLD.hides_last_seen IS DISTINCT FROM NEW.hides_last_seen OR OLD.archived_at IS DISTINCT FROM NEW.archived_at)) EXECUTE FUNCTION faculty_version_raised();
CREATE FUNCTION presence_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'a version never goes back: leave it out of the UPDATE, and it rises by itself' USING ERRCODE = 'integrity_constraint_violation';
RETURN NULL;
END $$;
CREATE TRIGGER presence_version_kept BEFORE UPDATE OF version ON presence FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION presence_version_kept();
CREATE FUNCTION presence_version_raised() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
NEW.version := OLD.version + 1;
RETURN NEW;
END $$;
CREATE TRIGGER presence_version_raised BEFORE UPDATE ON presence FOR EACH ROW WHEN (NEW.version = OLD.version AND (OLD.faculty_id IS DISTINCT FROM NEW.faculty_id OR OLD.state IS DISTINCT FROM NEW.state OR OLD.since IS DISTINCT FROM NEW.since OR OLD.source IS DISTINCT FROM NEW.source OR OLD.unit_id IS DISTINCT FROM NEW.unit_id OR OLD.evidence_at IS DISTINCT FROM NEW.evidence_at OR OLD.verified IS DISTINCT FROM NEW.verified)) EXECUTE FUNCTION presence_version_raised();
CREATE FUNCTION override_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'a version never goes back: leave it out of the UPDATE, and it rises by itself' USING ERRCODE = 'integrity_constraint_violation';
RETURN NULL;
END $$;
CREATE TRIGGER override_version_kept BEFORE UPDATE OF version ON override FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION override_version_kept();
CREATE FUNCTION override_version_raised() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
NEW.version := OLD.version + 1;
RETURN NEW;
END $$;
CREATE TRIGGER override_version_raised BEFORE UPDATE ON override FOR EACH ROW WHEN (NEW.version = OLD.version AND (OLD.faculty_id IS DISTINCT FROM NEW.faculty_id OR OLD.word IS DISTINCT FROM NEW.word OR OLD.set_at IS DISTINCT FROM NEW.set_at OR OLD.until IS DISTINCT FROM NEW.until)) EXECUTE FUNCTION override_version_raised();
CREATE FUNCTION student_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'a version never goes back: leave it out of the UPDATE, and it rises by itself' USING ERRCODE = 'integrity_constraint_violation';
RETURN NULL;
END $$;
CREATE TRIGGER student_version_kept BEFORE UPDATE OF version ON student FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION student_version_kept();
CREATE FUNCTION student_version_raised() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
NEW.version := OLD.version + 1;
RETURN NEW;
END $$;
CREATE TRIGGER student_version_raised BEFORE UPDATE ON student FOR EACH ROW WHEN (NEW.version = OLD.version AND (OLD.id IS DISTINCT FROM NEW.id OR OLD.number IS DISTINCT FROM NEW.number OR OLD.name IS DISTINCT FROM NEW.name OR OLD.department IS DISTINCT FROM NEW.department)) EXECUTE FUNCTION student_version_raised();
CREATE FUNCTION consultation_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'a version never goes back: leave it out of the UPDATE, and it rises by itself' USING ERRCODE = 'integrity_constraint_violation';
RETURN NULL;
END $$;
CREATE TRIGGER consultation_version_kept BEFORE UPDATE OF version ON consultation FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION consultation_version_kept();
CREATE FUNCTION consultation_version_raised() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
NEW.version := OLD.version + 1;
RETURN NEW;
END $$;
CREATE TRIGGER consultation_version_raised BEFORE UPDATE ON consultation FOR EACH ROW WHEN (NEW.version = OLD.version AND (OLD.id IS DISTINCT FROM NEW.id OR OLD.faculty_id IS DISTINCT FROM NEW.faculty_id OR OLD.student_id IS DISTINCT FROM NEW.student_id OR OLD.status IS DISTINCT FROM NEW.status OR OLD.topic IS DISTINCT FROM NEW.topic OR OLD.message IS DISTINCT FROM NEW.message OR OLD.minutes IS DISTINCT FROM NEW.minutes OR OLD.created_at IS DISTINCT FROM NEW.created_at OR OLD.answered_at IS DISTINCT FROM NEW.answered_at OR OLD.started_at IS DISTINCT FROM NEW.started_at)) EXECUTE FUNCTION consultation_version_raised();
CREATE FUNCTION desk_unit_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'a version never goes back: leave it out of the UPDATE, and it rises by itself' USING ERRCODE = 'integrity_constraint_violation';
RETURN NULL;
END $$;
CREATE TRIGGER desk_unit_version_kept BEFORE UPDATE OF version ON desk_unit FOR EACH ROW WHEN (NEW.version < OLD.version) EXECUTE FUNCTION desk_unit_version_kept();
CREATE FUNCTION desk_unit_version_raised() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
NEW.version := OLD.version + 1;
RETURN NEW;
END $$;
CREATE TRIGGER desk_unit_version_raised BEFORE UPDATE ON desk_unit FOR EACH ROW WHEN (NEW.version = OLD.version AND (OLD.id IS DISTINCT FROM NEW.id OR OLD.dialect IS DISTINCT FROM NEW.dialect OR OLD.faculty_id IS DISTINCT FROM NEW.faculty_id OR OLD.speaks_professor_status IS DISTINCT FROM NEW.speaks_professor_status)) EXECUTE FUNCTION desk_unit_version_raised();
CREATE FUNCTION beacon_added_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE faculty SET version = version + 1
    WHERE id IN (NEW.faculty_id) AND (SELECT ours FROM revision) = 0;
RETURN NULL;
END $$;
CREATE TRIGGER beacon_added_version AFTER INSERT ON beacon FOR EACH ROW EXECUTE FUNCTION beacon_added_version();
CREATE FUNCTION beacon_changed_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE faculty SET version = version + 1
    WHERE id IN (OLD.faculty_id, NEW.faculty_id) AND (SELECT ours FROM revision) = 0;
RETURN NULL;
END $$;
CREATE TRIGGER beacon_changed_version AFTER UPDATE ON beacon FOR EACH ROW WHEN (OLD.address <> NEW.address OR OLD.faculty_id <> NEW.faculty_id) EXECUTE FUNCTION beacon_changed_version();
CREATE FUNCTION beacon_removed_version() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE faculty SET version = version + 1
    WHERE id IN (OLD.faculty_id) AND (SELECT ours FROM revision) = 0;
RETURN NULL;
END $$;
CREATE TRIGGER beacon_removed_version AFTER DELETE ON beacon FOR EACH ROW EXECUTE FUNCTION beacon_removed_version();
DROP TRIGGER faculty_changed ON faculty; DROP FUNCTION faculty_changed();
CREATE FUNCTION faculty_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE TRIGGER faculty_changed AFTER UPDATE ON faculty FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION faculty_changed();
CREATE FUNCTION unit_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
DELETE FROM unit_link WHERE unit_id = OLD.id;
DELETE FROM unit_boot WHERE unit_id = OLD.id;
DELETE FROM applied_answer WHERE unit_id = OLD.id;
RETURN NULL;
END $$;
CREATE TRIGGER unit_removed AFTER DELETE ON desk_unit FOR EACH ROW EXECUTE FUNCTION unit_removed();
CREATE FUNCTION faculty_removed_units() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE desk_unit SET faculty_id = NULL WHERE faculty_id = OLD.id;
RETURN NULL;
END $$;
CREATE TRIGGER faculty_removed_units AFTER DELETE ON faculty FOR EACH ROW EXECUTE FUNCTION faculty_removed_units();
CREATE FUNCTION faculty_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT FROM consultation WHERE faculty_id = OLD.id) THEN
    RAISE EXCEPTION 'this person has consultations: delete those first' USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN OLD;
END $$;
CREATE TRIGGER faculty_kept BEFORE DELETE ON faculty FOR EACH ROW EXECUTE FUNCTION faculty_kept();
CREATE FUNCTION student_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF EXISTS (SELECT FROM consultation WHERE student_id = OLD.id) THEN
    RAISE EXCEPTION 'this student has consultations: delete those first' USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN OLD;
END $$;
CREATE TRIGGER student_kept BEFORE DELETE ON student FOR EACH ROW EXECUTE FUNCTION student_kept();
CREATE TRIGGER schema_announced AFTER UPDATE ON meta FOR EACH ROW WHEN (NEW.key = 'schema')
    EXECUTE FUNCTION announce_lineage();
DO $$ DECLARE found oid; BEGIN
FOR found IN
    SELECT DISTINCT p.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND p.pronamespace = n.oid AND NOT t.tgisinternal
        AND c.relname IN ('meta', 'revision', 'change', 'faculty', 'beacon', 'presence', 'override', 'availability', 'student', 'consultation', 'desk_unit', 'unit_link', 'unit_boot', 'applied_answer', 'refusal', 'refusal_sample', 'mqtt_session') AND (p.proname = t.tgname OR p.proname IN ('take_revision_row', 'refuse_truncate', 'announce_revision', 'announce_lineage'))
LOOP
    EXECUTE regexp_replace(pg_get_functiondef(found),
        '\m(FROM|INTO|UPDATE|JOIN)\s+(meta|revision|change|faculty|beacon|presence|override|availability|student|consultation|desk_unit|unit_link|unit_boot|applied_answer|refusal|refusal_sample|mqtt_session)\M',
        format('\1 %I.\2', current_schema()), 'g');
END LOOP;
END $$;
