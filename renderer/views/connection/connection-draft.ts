import {
  isLoopback,
  PostgresTargetSchema,
  SavedConnectionSchema,
  SESSION_LIMIT,
  type Environment,
  type PostgresTarget,
  type SavedConnection,
  type TlsMode,
} from '../../../protocol/index.ts';

/** The form as it is typed. */
export interface ConnectionFields {
  readonly name: string;
  readonly environment: Environment | 'none';
  /** One or several, with commas, each perhaps with its own port: `db1, db2:6432`. */
  readonly hosts: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
  /** null = by the hosts: plaintext within this machine, else TLS. */
  readonly tls: TlsMode | null;
  readonly caFile: string;
  readonly schema: string;
  readonly applicationName: string;
  /** `user@host:port` */
  readonly ssh: string;
  /** Sessions at most with this server. */
  readonly connections: string;
}
export type FieldErrors = Partial<Record<keyof ConnectionFields, string>>;

export const NEW_CONNECTION: ConnectionFields = {
  name: '',
  environment: 'none',
  hosts: '',
  port: '5432',
  database: '',
  user: '',
  tls: null,
  caFile: '',
  schema: 'public',
  applicationName: 'tributary',
  ssh: '',
  connections: String(SESSION_LIMIT),
};

export function toFields({
  name,
  environment,
  target,
}: Pick<SavedConnection, 'name' | 'environment' | 'target'>): ConnectionFields {
  const [first] = target.hosts;
  const port = first?.port ?? 5432;
  const { ssh } = target;
  return {
    name,
    environment: environment ?? 'none',
    hosts: target.hosts
      .map((each) => (each.port === port ? each.host : `${bracket(each.host)}:${each.port}`))
      .join(', '),
    port: String(port),
    database: target.database,
    user: target.user,
    tls: target.tls === defaultTls(target) ? null : target.tls,
    caFile: target.caFile ?? '',
    schema: target.schema,
    applicationName: target.applicationName,
    ssh: ssh ? `${ssh.user ? `${ssh.user}@` : ''}${ssh.host}${ssh.port ? `:${ssh.port}` : ''}` : '',
    connections: String(target.connections ?? SESSION_LIMIT),
  };
}

const bracket = (host: string): string => (host.includes(':') ? `[${host}]` : host);
const defaultTls = (where: Pick<PostgresTarget, 'hosts' | 'ssh'>): TlsMode =>
  isLoopback(where) ? 'plaintext' : 'verify-full';

/** How the line will be, as far as the fields say. */
export function tlsOf(fields: ConnectionFields): { readonly mode: TlsMode; readonly leavesMachine: boolean } {
  const where = { hosts: readHosts(fields), ssh: readSsh(fields.ssh) };
  return { mode: fields.tls ?? defaultTls(where), leavesMachine: !isLoopback(where) };
}

/** The target, or what is wrong at which field. */
export function toTarget(fields: ConnectionFields): {
  readonly target: PostgresTarget | null;
  readonly errors: FieldErrors;
} {
  const errors: FieldErrors = {
    ...(fields.hosts.trim() === '' ? { hosts: 'Name the server, for example db.example.com.' } : {}),
    ...(fields.database.trim() === '' ? { database: 'Name the database.' } : {}),
    ...(fields.user.trim() === '' ? { user: 'Name the role to connect as.' } : {}),
    ...(fields.schema.trim() === '' ? { schema: 'Name the schema, often public.' } : {}),
    ...(isPort(fields.port) ? {} : { port: '1 to 65535' }),
    ...(isCount(fields.connections) ? {} : { connections: '1 to 20' }),
    ...(fields.ssh.trim() === '' || readSsh(fields.ssh) !== null ? {} : { ssh: 'Write user@host or user@host:22.' }),
  };
  const parsed = PostgresTargetSchema.safeParse({
    hosts: readHosts(fields),
    database: fields.database.trim(),
    user: fields.user.trim(),
    tls: tlsOf(fields).mode,
    caFile: fields.caFile.trim() || null,
    schema: fields.schema.trim(),
    applicationName: fields.applicationName.trim() || 'tributary',
    ssh: readSsh(fields.ssh),
    ...(Number(fields.connections) === SESSION_LIMIT ? {} : { connections: Number(fields.connections) }),
  });
  if (Object.keys(errors).length > 0) return { target: null, errors };
  if (parsed.success) return { target: parsed.data, errors };
  return { target: null, errors: { hosts: 'Hosts are separated by commas, each perhaps with its :port.' } };
}

/** What to save; null without a name. `mapping` is that of the connection before. */
export function toConnection(
  fields: ConnectionFields,
  target: PostgresTarget,
  mapping: SavedConnection['mapping'],
): SavedConnection | null {
  const environment = fields.environment === 'none' ? null : fields.environment;
  const parsed = SavedConnectionSchema.safeParse({ name: fields.name, target, environment, mapping: mapping ?? null });
  return parsed.success ? parsed.data : null;
}

const isCount = (text: string): boolean => /^\d{1,2}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 20;
const isPort = (text: string): boolean => /^\d{1,5}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 65_535;

function readHosts({ hosts, port }: ConnectionFields): PostgresTarget['hosts'] {
  return hosts.split(',').flatMap((part) => {
    const match = /^\s*(?:\[([^\]]+)\]|([^\s:]+|[^\s]*:[^\s]*:[^\s]*))(?::(\d+))?\s*$/.exec(part);
    const host = match?.[1] ?? match?.[2];
    return host === undefined ? [] : [{ host, port: Number(match?.[3] ?? port) }];
  });
}

function readSsh(text: string): PostgresTarget['ssh'] {
  const match = /^\s*(?:([^@\s]+)@)?([^@:\s]+)(?::(\d+))?\s*$/.exec(text);
  if (match?.[2] === undefined) return null;
  return { host: match[2], user: match[1] ?? null, port: match[3] === undefined ? null : Number(match[3]) };
}
