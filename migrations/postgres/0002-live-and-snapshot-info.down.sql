DROP TRIGGER tributary_notify ON global_events;
DROP FUNCTION tributary_notify;
