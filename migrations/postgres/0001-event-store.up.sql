-- The event store. Times are timestamptz to the millisecond. `ts` is the UTC hour of event_time, `YYYY-MM-DDTHH`; byte
-- order is its time order. Arrival order is seq. Partitions are made by `tributary partitions`, or by hand.
CREATE TYPE event_type AS ENUM (
  'account_created',
  'shop_created',
  'plan_changed',
  'invoice_issued',
  'payment_succeeded',
  'payment_failed',
  'shop_deleted',
  'account_deleted'
);

-- Immutable by its fixed format, which no setting changes; to_char itself is only stable because other formats have
-- names of months. In PL/pgSQL, which keeps its plan: half the cost of an SQL function that cannot be inlined.
CREATE FUNCTION hour_key(at timestamptz) RETURNS text
  LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24');
END
$$;
COMMENT ON FUNCTION hour_key IS 'The UTC hour YYYY-MM-DDTHH that an event of this time belongs to';

CREATE TABLE plans (
  plan_id text PRIMARY KEY,
  name text NOT NULL,
  price_cents bigint NOT NULL CHECK (price_cents >= 0),
  period text NOT NULL CHECK (period IN ('month', 'year'))
);

CREATE TABLE users (
  user_id text PRIMARY KEY,
  email text,
  created_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3)
);

CREATE TABLE shops (
  shop_id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (user_id),
  plan_id text NOT NULL REFERENCES plans (plan_id),
  created_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3)
);
CREATE INDEX shops_user ON shops (user_id);

CREATE TABLE invoices (
  invoice_id text PRIMARY KEY,
  shop_id text NOT NULL REFERENCES shops (shop_id),
  plan_id text NOT NULL REFERENCES plans (plan_id),
  amount_cents bigint NOT NULL,
  issued_at timestamptz(3) NOT NULL,
  due_at timestamptz(3) NOT NULL,
  paid_at timestamptz(3)
);
CREATE INDEX invoices_shop ON invoices (shop_id);

CREATE TABLE payments (
  payment_id text PRIMARY KEY,
  invoice_id text NOT NULL REFERENCES invoices (invoice_id),
  amount_cents bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('succeeded', 'failed')),
  attempted_at timestamptz(3) NOT NULL
);
CREATE INDEX payments_invoice ON payments (invoice_id);

CREATE TABLE global_events (
  ts text COLLATE "C" NOT NULL CHECK (ts LIKE '____-__-__T__'),
  event_id uuid NOT NULL,
  event_time timestamptz(3) NOT NULL,
  event_type event_type NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  recorded_at timestamptz(3) DEFAULT now(),
  seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (ts, event_id)
) PARTITION BY RANGE (ts);
COMMENT ON COLUMN global_events.ts IS 'UTC hour of event_time, YYYY-MM-DDTHH';
COMMENT ON COLUMN global_events.recorded_at IS 'When the row became known';
COMMENT ON COLUMN global_events.seq IS 'Order of arrival';

-- Must stay empty: while it has rows of a range, no partition can be made for that range.
CREATE TABLE global_events_default PARTITION OF global_events DEFAULT;

-- New rows, by a watermark.
CREATE INDEX global_events_seq ON global_events (seq);
-- Parts of a partition; rows lie nearly in this order.
CREATE INDEX global_events_time ON global_events USING brin (event_time) WITH (pages_per_range = 32);
-- One actor's timeline.
CREATE INDEX global_events_user ON global_events ((metadata ->> 'user_id'), event_time);
-- Events that name only a shop.
CREATE INDEX global_events_shop_only ON global_events ((metadata ->> 'shop_id'))
  WHERE metadata ->> 'user_id' IS NULL;
-- Rows outside their hour: few, and every read of a range must find them.
CREATE INDEX global_events_mis_keyed ON global_events (event_id) INCLUDE (ts, event_time)
  WHERE ts <> hour_key(event_time);

-- Events per hour and type, and how far they are complete.
CREATE TABLE rollup_hourly (
  ts text COLLATE "C" NOT NULL,
  event_type event_type NOT NULL,
  events bigint NOT NULL,
  PRIMARY KEY (ts, event_type)
);

CREATE TABLE rollup_watermarks (
  rollup text PRIMARY KEY,
  complete_through text COLLATE "C" NOT NULL,
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE report_runs (
  run_id text PRIMARY KEY,
  report text NOT NULL,
  slot_at timestamptz(3) NOT NULL,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3),
  status text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'skipped')),
  error_code text,
  UNIQUE (report, slot_at)
);
