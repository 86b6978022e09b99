PRAGMA journal_mode = WAL;
CREATE TABLE records (key TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE entries (
    log TEXT NOT NULL, position INTEGER NOT NULL, entry BLOB NOT NULL,
    UNIQUE (log, position)
);
INSERT INTO records VALUES ('key', X'7B226E223A317D');
INSERT INTO entries VALUES ('log', 0, X'61'), ('log', 1, X'62');
PRAGMA user_version = 1;
