import { expect, test } from 'vitest';
import { PostgresTargetSchema } from '../../protocol/postgres.ts';
import { formatTargetUrl } from '../../protocol/source-names.ts';
import { parseTarget } from './parse-target.ts';

const HOSTS = [{ host: 'db.example', port: 5432 }];

test.each([
  {},
  { schema: 'my events', tls: 'plaintext' },
  { caFile: '/etc/pki/our ca.pem', connections: 7, applicationName: 'a&b=c' },
  { ssh: { host: 'jump.example', user: 'me', port: 2222 }, schema: 'shop' },
  { ssh: { host: 'jump.example', user: null, port: null } },
  { hosts: [{ host: '127.0.0.1', port: 6000 }], tls: 'verify-full', user: "o'dd us:er\\", database: 'd b/1' },
  { hosts: [...HOSTS, { host: '::1', port: 5433 }] },
  { hosts: [{ host: '/var/run/my db', port: 5432 }], tls: 'plaintext' },
])('an address leads to where it was made from: %j', (more) => {
  const target = PostgresTargetSchema.parse({ hosts: HOSTS, user: 'me', database: 'events', ...more });
  const parsed = parseTarget(formatTargetUrl(target), { HOME: '/nowhere' }).target;
  expect({ ...parsed, caFile: parsed.caFile ?? undefined }).toEqual(target);
});
