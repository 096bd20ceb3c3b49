-- Where a snapshot was taken from, its range and its digest. The other half of this number, the trigger that tells
-- listeners of new events, is of Postgres alone: files have no listeners.
CREATE TABLE snapshot_info (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
