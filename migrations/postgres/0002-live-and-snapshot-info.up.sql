-- Listeners on the channel `tributary_events` hear of every statement that adds events, with the schema as payload; what
-- is new they read by seq. Once per transaction, because equal messages of one transaction are one. Where a store takes
-- too many small transactions for this, `ALTER TABLE global_events DISABLE TRIGGER tributary_notify` ends it, and
-- readers ask by seq instead.
CREATE FUNCTION tributary_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('tributary_events', TG_TABLE_SCHEMA);
  RETURN NULL;
END
$$;
CREATE TRIGGER tributary_notify AFTER INSERT ON global_events
  FOR EACH STATEMENT EXECUTE FUNCTION tributary_notify();
