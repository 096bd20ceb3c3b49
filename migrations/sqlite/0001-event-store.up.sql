-- The event store as a SQLite snapshot. Times are integer milliseconds since the epoch, UTC. `ts` is the UTC hour of
-- event_time, `YYYY-MM-DDTHH`. Arrival order (seq) is the rowid of global_events; the others are found by key only.
CREATE TABLE plans (
  plan_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  period TEXT NOT NULL CHECK (period IN ('month', 'year'))
) WITHOUT ROWID;

CREATE TABLE users (
  user_id TEXT PRIMARY KEY,
  email TEXT,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) WITHOUT ROWID;

CREATE TABLE shops (
  shop_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (user_id),
  plan_id TEXT NOT NULL REFERENCES plans (plan_id),
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
) WITHOUT ROWID;

CREATE TABLE invoices (
  invoice_id TEXT PRIMARY KEY,
  shop_id TEXT NOT NULL REFERENCES shops (shop_id),
  plan_id TEXT NOT NULL REFERENCES plans (plan_id),
  amount_cents INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  paid_at INTEGER
) WITHOUT ROWID;

CREATE TABLE payments (
  payment_id TEXT PRIMARY KEY,
  invoice_id TEXT NOT NULL REFERENCES invoices (invoice_id),
  amount_cents INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('succeeded', 'failed')),
  attempted_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE global_events (
  ts TEXT NOT NULL,
  event_id TEXT NOT NULL,
  event_time INTEGER NOT NULL,
  event_type TEXT NOT NULL,
  metadata TEXT NOT NULL DEFAULT '{}',
  recorded_at INTEGER,
  PRIMARY KEY (ts, event_id)
);

-- Events per hour and type, and how far they are complete.
CREATE TABLE rollup_hourly (
  ts TEXT NOT NULL,
  event_type TEXT NOT NULL,
  events INTEGER NOT NULL,
  PRIMARY KEY (ts, event_type)
) WITHOUT ROWID;

CREATE TABLE rollup_watermarks (
  rollup TEXT PRIMARY KEY,
  complete_through TEXT NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE report_runs (
  run_id TEXT PRIMARY KEY,
  report TEXT NOT NULL,
  slot_at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  status TEXT NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'skipped')),
  error_code TEXT,
  UNIQUE (report, slot_at)
) WITHOUT ROWID;
