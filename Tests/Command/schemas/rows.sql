-- Rows of every kind, as a shell writes them into a database of schema 1 or 2.
INSERT INTO faculty (id, name, surname, department) VALUES (1, 'Dr. Ana Reyes', 'Reyes', 'Physics'), (2, 'Ben Cruz', 'Cruz', 'Law');
INSERT INTO beacon (address, faculty_id) VALUES ('AA:BB:CC:DD:EE:01', 1);
INSERT INTO desk_unit (id, dialect, faculty_id) VALUES ('desk-1', 2, 1), ('d1-2', 1, 2);
INSERT INTO unit_link (unit_id, heard_at, tolerance, boot) VALUES ('desk-1', 1700000000000, 90000, 'b0000001');
INSERT INTO unit_boot (unit_id, boot, seen) VALUES ('desk-1', 'b0000001', '1-3');
INSERT INTO applied_answer (unit_id, message_id, response_type, timestamp) VALUES ('d1-2', '7', 'BUSY', '');
INSERT INTO presence (faculty_id, state, since, source, unit_id, evidence_at, verified)
    VALUES (1, 'present', 1700000000000, 'beacon', 'desk-1', 1700000000000, 1);
INSERT INTO override (faculty_id, word, set_at) VALUES (2, 'out', 1700000000000);
INSERT INTO student (id, number, name, department) VALUES (1, '2026-1', 'Cara', 'Law');
INSERT INTO consultation (id, faculty_id, student_id, status, topic, message, created_at)
    VALUES (1, 1, 1, 'pending', 'thesis', 'when?', 1700000000000);
INSERT INTO refusal (unit, reason, count, first_at, last_at) VALUES ('desk-1', 'bad-json', 3, 1, 2);
INSERT INTO refusal_sample (id, unit, reason, at, topic, payload) VALUES (1, 'desk-1', 'bad-json', 1700000000000, 't', 'p');
INSERT INTO mqtt_session (broker, client_id, since) VALUES ('unix:x', 'consultease-1', 1);
