import { EngineError } from '../../protocol/errors.ts';

/** What psql reads where an option is not given (libpq's `PQconninfoOptions`). */
export const VARIABLES = {
  service: 'PGSERVICE',
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  application_name: 'PGAPPNAME',
  options: 'PGOPTIONS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  requirepeer: 'PGREQUIREPEER',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
} as const;

/** Of ours, not of libpq: where the event tables are, the way through `ssh`, and how many sessions we allow ourselves. */
const OURS = ['schema', 'ssh', 'connections'];
/** Their variables (`PGPASSWORD`, `PGPASSFILE`, `PGSERVICEFILE`) are read where they are used. */
const ELSEWHERE = ['password', 'passfile', 'servicefile'];

/** libpq's other options: they change nothing about what is read here, so they may stand in an address and are left alone. */
const WITHOUT_EFFECT = [
  'channel_binding',
  'client_encoding',
  'connect_timeout',
  'fallback_application_name',
  'gssdelegation',
  'gssencmode',
  'gsslib',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'krbsrvname',
  'max_protocol_version',
  'min_protocol_version',
  'replication',
  'require_auth',
  'ssl_max_protocol_version',
  'ssl_min_protocol_version',
  'sslcertmode',
  'sslcompression',
  'sslcrl',
  'sslcrldir',
  'sslkeylogfile',
  'sslnegotiation',
  'sslpassword',
  'sslsni',
  'tcp_user_timeout',
];
const KNOWN = new Set<string>([...Object.keys(VARIABLES), ...OURS, ...ELSEWHERE, ...WITHOUT_EFFECT]);

/** The option of this name. Throws E_USAGE where libpq would refuse it too. */
export function toOptionName(name: string): string {
  if (KNOWN.has(name)) return name;
  throw new EngineError('E_USAGE', `There is no connection option “${name.slice(0, 60)}”.`, {
    hint: 'Known are host, port, dbname, user, sslmode, sslrootcert, application_name, options, service, passfile, schema, ssh and connections.',
  });
}
