-- A database as consultease made it at schema 2, without rows: pg_dump --no-owner --no-privileges --inserts.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.announce_lineage() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
PERFORM pg_notify('consultease', '0');
RETURN NULL;
END $$;
CREATE FUNCTION public.announce_revision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
PERFORM pg_notify('consultease', NEW.n::text);
RETURN NULL;
END $$;
CREATE FUNCTION public.availability_added() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE FUNCTION public.availability_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE FUNCTION public.availability_restored() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
INSERT INTO availability (faculty_id, state, source, next_change_at)
    SELECT id, 'unknown', 'unit', 0 FROM faculty WHERE id = OLD.faculty_id;
RETURN NULL;
END $$;
CREATE FUNCTION public.consultation_added_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.consultation_changed_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (OLD.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.consultation_removed_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (OLD.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.faculty_added() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE FUNCTION public.faculty_added_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
INSERT INTO availability (faculty_id, state, source, next_change_at)
    VALUES (NEW.id, 'unknown', 'unit', 0) ON CONFLICT (faculty_id) DO NOTHING;
RETURN NULL;
END $$;
CREATE FUNCTION public.faculty_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE FUNCTION public.faculty_hides_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.id);
RETURN NULL;
END $$;
CREATE FUNCTION public.faculty_id_fixed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
RAISE EXCEPTION 'a faculty id never changes' USING ERRCODE = 'integrity_constraint_violation';
RETURN NULL;
END $$;
CREATE FUNCTION public.faculty_removed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', OLD.id, n, 1 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE FUNCTION public.faculty_removed_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
DELETE FROM availability WHERE faculty_id = OLD.id;
DELETE FROM presence WHERE faculty_id = OLD.id;
DELETE FROM override WHERE faculty_id = OLD.id;
DELETE FROM beacon WHERE faculty_id = OLD.id;
RETURN NULL;
END $$;
CREATE FUNCTION public.link_added_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (SELECT faculty_id FROM presence WHERE unit_id = NEW.unit_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.link_heard_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0
    WHERE faculty_id IN (SELECT faculty_id FROM presence WHERE unit_id = NEW.unit_id)
    AND (state = 'unknown' OR OLD.offline_since IS DISTINCT FROM NEW.offline_since
        OR NEW.tolerance < OLD.tolerance);
RETURN NULL;
END $$;
CREATE FUNCTION public.link_removed_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (SELECT faculty_id FROM presence WHERE unit_id = OLD.unit_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.override_added_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.override_changed_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.override_removed_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (OLD.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.presence_added_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.presence_changed_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (NEW.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.presence_removed_due() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (OLD.faculty_id);
RETURN NULL;
END $$;
CREATE FUNCTION public.refuse_truncate() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
RAISE EXCEPTION 'TRUNCATE would tell no screen: use DELETE FROM %', TG_TABLE_NAME;
END $$;
CREATE FUNCTION public.take_revision_row() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
PERFORM 1 FROM revision WHERE id = 1 FOR UPDATE;
RETURN NULL;
END $$;
CREATE FUNCTION public.unit_moved() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE presence SET unit_id = NULL, verified = 0, version = version + 1
    WHERE unit_id = NEW.id AND faculty_id IS DISTINCT FROM NEW.faculty_id;
RETURN NULL;
END $$;
CREATE FUNCTION public.waiting_added() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE FUNCTION public.waiting_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE FUNCTION public.waiting_moved() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', OLD.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
CREATE FUNCTION public.waiting_removed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', OLD.faculty_id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
RETURN NULL;
END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.applied_answer (
    unit_id text NOT NULL COLLATE pg_catalog."C",
    message_id text NOT NULL COLLATE pg_catalog."C",
    response_type text NOT NULL COLLATE pg_catalog."C",
    "timestamp" text NOT NULL COLLATE pg_catalog."C",
    applied_at bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.availability (
    faculty_id bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    since bigint,
    until bigint,
    last_known text COLLATE pg_catalog."C",
    last_evidence bigint,
    always_available bigint DEFAULT 0 NOT NULL,
    next_change_at bigint,
    CONSTRAINT availability_last_known_check CHECK ((last_known = ANY (ARRAY['present'::text, 'absent'::text, 'unknown'::text]))),
    CONSTRAINT availability_source_check CHECK ((source = ANY (ARRAY['beacon'::text, 'button'::text, 'own-word'::text, 'calendar'::text, 'consultation'::text, 'unit'::text]))),
    CONSTRAINT availability_state_check CHECK ((state = ANY (ARRAY['available'::text, 'busy'::text, 'in-consultation'::text, 'away'::text, 'out'::text, 'unknown'::text])))
);
CREATE TABLE public.beacon (
    address text NOT NULL COLLATE pg_catalog."C",
    faculty_id bigint NOT NULL
);
CREATE TABLE public.change (
    kind text NOT NULL COLLATE pg_catalog."C",
    id bigint NOT NULL,
    revision bigint NOT NULL,
    deleted bigint NOT NULL
);
CREATE TABLE public.consultation (
    id bigint NOT NULL,
    faculty_id bigint NOT NULL,
    student_id bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    topic text NOT NULL COLLATE pg_catalog."C",
    message text NOT NULL COLLATE pg_catalog."C",
    minutes bigint,
    created_at bigint NOT NULL,
    answered_at bigint,
    started_at bigint,
    on_screen_of text COLLATE pg_catalog."C",
    shown_at bigint,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT consultation_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'accepted'::text, 'busy'::text, 'declined'::text, 'in-progress'::text, 'completed'::text, 'cancelled'::text, 'expired'::text, 'no-show'::text])))
);
ALTER TABLE public.consultation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.consultation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.desk_unit (
    id text NOT NULL COLLATE pg_catalog."C",
    dialect bigint NOT NULL,
    faculty_id bigint,
    speaks_professor_status bigint DEFAULT 0 NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT desk_unit_dialect_check CHECK ((dialect = ANY (ARRAY[(1)::bigint, (2)::bigint])))
);
CREATE TABLE public.faculty (
    id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    surname text NOT NULL COLLATE pg_catalog."C",
    department text NOT NULL COLLATE pg_catalog."C",
    room text COLLATE pg_catalog."C",
    directions text COLLATE pg_catalog."C",
    subjects text COLLATE pg_catalog."C",
    email text COLLATE pg_catalog."C",
    image_path text COLLATE pg_catalog."C",
    hides_last_seen bigint DEFAULT 0 NOT NULL,
    archived_at bigint,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT faculty_department_check CHECK (((length(department) >= 1) AND (length(department) <= 200))),
    CONSTRAINT faculty_id_check CHECK (((id >= 1) AND (id <= '9007199254740991'::bigint))),
    CONSTRAINT faculty_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT faculty_surname_check CHECK (((length(surname) >= 1) AND (length(surname) <= 200)))
);
CREATE TABLE public.meta (
    key text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.mqtt_session (
    broker text NOT NULL COLLATE pg_catalog."C",
    client_id text NOT NULL COLLATE pg_catalog."C",
    since bigint NOT NULL
);
CREATE TABLE public.override (
    faculty_id bigint NOT NULL,
    word text NOT NULL COLLATE pg_catalog."C",
    set_at bigint NOT NULL,
    until bigint,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT override_word_check CHECK ((word = ANY (ARRAY['available'::text, 'busy'::text, 'away'::text, 'out'::text])))
);
CREATE TABLE public.presence (
    faculty_id bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    since bigint NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    unit_id text COLLATE pg_catalog."C",
    evidence_at bigint NOT NULL,
    verified bigint NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT presence_source_check CHECK ((source = ANY (ARRAY['beacon'::text, 'button'::text, 'own-word'::text, 'calendar'::text, 'consultation'::text, 'unit'::text]))),
    CONSTRAINT presence_state_check CHECK ((state = ANY (ARRAY['present'::text, 'absent'::text, 'unknown'::text]))),
    CONSTRAINT presence_verified_check CHECK ((verified = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);
CREATE TABLE public.refusal (
    unit text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    count bigint NOT NULL,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL
);
CREATE TABLE public.refusal_sample (
    id bigint NOT NULL,
    unit text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    topic text NOT NULL COLLATE pg_catalog."C",
    payload text NOT NULL COLLATE pg_catalog."C"
);
ALTER TABLE public.refusal_sample ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.refusal_sample_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.revision (
    id bigint NOT NULL,
    n bigint NOT NULL,
    ours bigint NOT NULL,
    committed_at bigint NOT NULL,
    CONSTRAINT revision_id_check CHECK ((id = 1))
);
CREATE TABLE public.student (
    id bigint NOT NULL,
    number text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    department text NOT NULL COLLATE pg_catalog."C",
    version bigint DEFAULT 1 NOT NULL
);
ALTER TABLE public.student ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.student_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.unit_boot (
    unit_id text NOT NULL COLLATE pg_catalog."C",
    boot text NOT NULL COLLATE pg_catalog."C",
    seen text NOT NULL COLLATE pg_catalog."C",
    last_presence bigint,
    opened_at bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.unit_link (
    unit_id text NOT NULL COLLATE pg_catalog."C",
    heard_at bigint,
    tolerance bigint NOT NULL,
    offline_since bigint,
    uptime bigint,
    uptime_at bigint,
    started_at bigint,
    heartbeat_at bigint,
    heartbeat_interval bigint,
    boot text COLLATE pg_catalog."C",
    gaps bigint DEFAULT 0 NOT NULL
);
INSERT INTO public.meta VALUES ('lineage', 'rky3jdfu47xg');
INSERT INTO public.meta VALUES ('schema', '2');
INSERT INTO public.revision VALUES (1, 0, 0, 0);
SELECT pg_catalog.setval('public.consultation_id_seq', 1, false);
SELECT pg_catalog.setval('public.refusal_sample_id_seq', 1, false);
SELECT pg_catalog.setval('public.student_id_seq', 1, false);
ALTER TABLE ONLY public.applied_answer
    ADD CONSTRAINT applied_answer_pkey PRIMARY KEY (unit_id, message_id, response_type, "timestamp");
ALTER TABLE ONLY public.availability
    ADD CONSTRAINT availability_pkey PRIMARY KEY (faculty_id);
ALTER TABLE ONLY public.beacon
    ADD CONSTRAINT beacon_pkey PRIMARY KEY (address);
ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (kind, id);
ALTER TABLE ONLY public.consultation
    ADD CONSTRAINT consultation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.desk_unit
    ADD CONSTRAINT desk_unit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.faculty
    ADD CONSTRAINT faculty_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.mqtt_session
    ADD CONSTRAINT mqtt_session_pkey PRIMARY KEY (broker, client_id);
ALTER TABLE ONLY public.override
    ADD CONSTRAINT override_pkey PRIMARY KEY (faculty_id);
ALTER TABLE ONLY public.presence
    ADD CONSTRAINT presence_pkey PRIMARY KEY (faculty_id);
ALTER TABLE ONLY public.refusal
    ADD CONSTRAINT refusal_pkey PRIMARY KEY (unit, reason);
ALTER TABLE ONLY public.refusal_sample
    ADD CONSTRAINT refusal_sample_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.revision
    ADD CONSTRAINT revision_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.student
    ADD CONSTRAINT student_number_key UNIQUE (number);
ALTER TABLE ONLY public.student
    ADD CONSTRAINT student_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.unit_boot
    ADD CONSTRAINT unit_boot_pkey PRIMARY KEY (unit_id, boot);
ALTER TABLE ONLY public.unit_link
    ADD CONSTRAINT unit_link_pkey PRIMARY KEY (unit_id);
CREATE INDEX availability_due ON public.availability USING btree (next_change_at) WHERE (next_change_at IS NOT NULL);
CREATE INDEX beacon_by_faculty ON public.beacon USING btree (faculty_id);
CREATE INDEX change_by_revision ON public.change USING btree (kind, revision);
CREATE INDEX consultation_by_faculty ON public.consultation USING btree (faculty_id, status);
CREATE INDEX consultation_by_screen ON public.consultation USING btree (on_screen_of) WHERE (on_screen_of IS NOT NULL);
CREATE INDEX presence_by_unit ON public.presence USING btree (unit_id);
CREATE INDEX refusal_sample_by_cause ON public.refusal_sample USING btree (unit, reason, id);
CREATE TRIGGER applied_answer_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.applied_answer FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER applied_answer_not_truncated BEFORE TRUNCATE ON public.applied_answer FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER availability_added AFTER INSERT ON public.availability FOR EACH ROW EXECUTE FUNCTION public.availability_added();
CREATE TRIGGER availability_changed AFTER UPDATE ON public.availability FOR EACH ROW WHEN (((old.state IS DISTINCT FROM new.state) OR (old.source IS DISTINCT FROM new.source) OR (old.since IS DISTINCT FROM new.since) OR (old.until IS DISTINCT FROM new.until) OR (old.last_known IS DISTINCT FROM new.last_known) OR (old.last_evidence IS DISTINCT FROM new.last_evidence) OR (old.always_available IS DISTINCT FROM new.always_available))) EXECUTE FUNCTION public.availability_changed();
CREATE TRIGGER availability_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.availability FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER availability_not_truncated BEFORE TRUNCATE ON public.availability FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER availability_restored AFTER DELETE ON public.availability FOR EACH ROW EXECUTE FUNCTION public.availability_restored();
CREATE TRIGGER beacon_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.beacon FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER beacon_not_truncated BEFORE TRUNCATE ON public.beacon FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER consultation_added_due AFTER INSERT ON public.consultation FOR EACH ROW WHEN ((new.status = 'in-progress'::text)) EXECUTE FUNCTION public.consultation_added_due();
CREATE TRIGGER consultation_changed_due AFTER UPDATE OF status, faculty_id, started_at ON public.consultation FOR EACH ROW WHEN ((('in-progress'::text = old.status) OR ('in-progress'::text = new.status))) EXECUTE FUNCTION public.consultation_changed_due();
CREATE TRIGGER consultation_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.consultation FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER consultation_not_truncated BEFORE TRUNCATE ON public.consultation FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER consultation_removed_due AFTER DELETE ON public.consultation FOR EACH ROW WHEN ((old.status = 'in-progress'::text)) EXECUTE FUNCTION public.consultation_removed_due();
CREATE TRIGGER desk_unit_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.desk_unit FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER desk_unit_not_truncated BEFORE TRUNCATE ON public.desk_unit FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER faculty_added AFTER INSERT ON public.faculty FOR EACH ROW EXECUTE FUNCTION public.faculty_added();
CREATE TRIGGER faculty_added_due AFTER INSERT ON public.faculty FOR EACH ROW EXECUTE FUNCTION public.faculty_added_due();
CREATE TRIGGER faculty_changed AFTER UPDATE ON public.faculty FOR EACH ROW WHEN (((old.name IS DISTINCT FROM new.name) OR (old.surname IS DISTINCT FROM new.surname) OR (old.department IS DISTINCT FROM new.department) OR (old.room IS DISTINCT FROM new.room) OR (old.directions IS DISTINCT FROM new.directions) OR (old.subjects IS DISTINCT FROM new.subjects) OR (old.image_path IS DISTINCT FROM new.image_path) OR (old.hides_last_seen IS DISTINCT FROM new.hides_last_seen) OR (old.archived_at IS DISTINCT FROM new.archived_at) OR (old.version IS DISTINCT FROM new.version))) EXECUTE FUNCTION public.faculty_changed();
CREATE TRIGGER faculty_hides_due AFTER UPDATE OF hides_last_seen ON public.faculty FOR EACH ROW EXECUTE FUNCTION public.faculty_hides_due();
CREATE TRIGGER faculty_id_fixed BEFORE UPDATE OF id ON public.faculty FOR EACH ROW WHEN ((old.id <> new.id)) EXECUTE FUNCTION public.faculty_id_fixed();
CREATE TRIGGER faculty_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.faculty FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER faculty_not_truncated BEFORE TRUNCATE ON public.faculty FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER faculty_removed AFTER DELETE ON public.faculty FOR EACH ROW EXECUTE FUNCTION public.faculty_removed();
CREATE TRIGGER faculty_removed_due AFTER DELETE ON public.faculty FOR EACH ROW EXECUTE FUNCTION public.faculty_removed_due();
CREATE TRIGGER lineage_announced AFTER UPDATE ON public.meta FOR EACH ROW WHEN ((new.key = 'lineage'::text)) EXECUTE FUNCTION public.announce_lineage();
CREATE TRIGGER link_added_due AFTER INSERT ON public.unit_link FOR EACH ROW EXECUTE FUNCTION public.link_added_due();
CREATE TRIGGER link_heard_due AFTER UPDATE OF heard_at, offline_since, tolerance ON public.unit_link FOR EACH ROW EXECUTE FUNCTION public.link_heard_due();
CREATE TRIGGER link_removed_due AFTER DELETE ON public.unit_link FOR EACH ROW EXECUTE FUNCTION public.link_removed_due();
CREATE TRIGGER mqtt_session_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.mqtt_session FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER mqtt_session_not_truncated BEFORE TRUNCATE ON public.mqtt_session FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER override_added_due AFTER INSERT ON public.override FOR EACH ROW EXECUTE FUNCTION public.override_added_due();
CREATE TRIGGER override_changed_due AFTER UPDATE ON public.override FOR EACH ROW EXECUTE FUNCTION public.override_changed_due();
CREATE TRIGGER override_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.override FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER override_not_truncated BEFORE TRUNCATE ON public.override FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER override_removed_due AFTER DELETE ON public.override FOR EACH ROW EXECUTE FUNCTION public.override_removed_due();
CREATE TRIGGER presence_added_due AFTER INSERT ON public.presence FOR EACH ROW EXECUTE FUNCTION public.presence_added_due();
CREATE TRIGGER presence_changed_due AFTER UPDATE OF state, since, source, unit_id, verified ON public.presence FOR EACH ROW EXECUTE FUNCTION public.presence_changed_due();
CREATE TRIGGER presence_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.presence FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER presence_not_truncated BEFORE TRUNCATE ON public.presence FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER presence_removed_due AFTER DELETE ON public.presence FOR EACH ROW EXECUTE FUNCTION public.presence_removed_due();
CREATE TRIGGER refusal_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.refusal FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER refusal_not_truncated BEFORE TRUNCATE ON public.refusal FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER refusal_sample_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.refusal_sample FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER refusal_sample_not_truncated BEFORE TRUNCATE ON public.refusal_sample FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER revision_announced AFTER UPDATE ON public.revision FOR EACH ROW WHEN ((old.n <> new.n)) EXECUTE FUNCTION public.announce_revision();
CREATE TRIGGER student_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.student FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER student_not_truncated BEFORE TRUNCATE ON public.student FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER unit_boot_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.unit_boot FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER unit_boot_not_truncated BEFORE TRUNCATE ON public.unit_boot FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER unit_link_in_order BEFORE INSERT OR DELETE OR UPDATE ON public.unit_link FOR EACH STATEMENT EXECUTE FUNCTION public.take_revision_row();
CREATE TRIGGER unit_link_not_truncated BEFORE TRUNCATE ON public.unit_link FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_truncate();
CREATE TRIGGER unit_moved AFTER UPDATE OF faculty_id ON public.desk_unit FOR EACH ROW WHEN ((old.faculty_id IS DISTINCT FROM new.faculty_id)) EXECUTE FUNCTION public.unit_moved();
CREATE TRIGGER waiting_added AFTER INSERT ON public.consultation FOR EACH ROW WHEN ((new.status = ANY (ARRAY['pending'::text, 'busy'::text]))) EXECUTE FUNCTION public.waiting_added();
CREATE TRIGGER waiting_changed AFTER UPDATE ON public.consultation FOR EACH ROW WHEN ((((old.status = ANY (ARRAY['pending'::text, 'busy'::text])) <> (new.status = ANY (ARRAY['pending'::text, 'busy'::text]))) OR (old.faculty_id <> new.faculty_id))) EXECUTE FUNCTION public.waiting_changed();
CREATE TRIGGER waiting_moved AFTER UPDATE OF faculty_id ON public.consultation FOR EACH ROW WHEN ((old.faculty_id <> new.faculty_id)) EXECUTE FUNCTION public.waiting_moved();
CREATE TRIGGER waiting_removed AFTER DELETE ON public.consultation FOR EACH ROW WHEN ((old.status = ANY (ARRAY['pending'::text, 'busy'::text]))) EXECUTE FUNCTION public.waiting_removed();
ALTER TABLE ONLY public.applied_answer
    ADD CONSTRAINT applied_answer_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES public.desk_unit(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.availability
    ADD CONSTRAINT availability_faculty_id_fkey FOREIGN KEY (faculty_id) REFERENCES public.faculty(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.beacon
    ADD CONSTRAINT beacon_faculty_id_fkey FOREIGN KEY (faculty_id) REFERENCES public.faculty(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.consultation
    ADD CONSTRAINT consultation_faculty_id_fkey FOREIGN KEY (faculty_id) REFERENCES public.faculty(id);
ALTER TABLE ONLY public.consultation
    ADD CONSTRAINT consultation_student_id_fkey FOREIGN KEY (student_id) REFERENCES public.student(id);
ALTER TABLE ONLY public.desk_unit
    ADD CONSTRAINT desk_unit_faculty_id_fkey FOREIGN KEY (faculty_id) REFERENCES public.faculty(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.override
    ADD CONSTRAINT override_faculty_id_fkey FOREIGN KEY (faculty_id) REFERENCES public.faculty(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.presence
    ADD CONSTRAINT presence_faculty_id_fkey FOREIGN KEY (faculty_id) REFERENCES public.faculty(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.unit_boot
    ADD CONSTRAINT unit_boot_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES public.desk_unit(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.unit_link
    ADD CONSTRAINT unit_link_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES public.desk_unit(id) ON DELETE CASCADE;
