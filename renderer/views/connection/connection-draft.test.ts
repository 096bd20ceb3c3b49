import { describe, expect, test } from 'vitest';
import { PostgresTargetSchema, type PostgresTarget } from '../../../protocol/index.ts';
import { NEW_CONNECTION, tlsOf, toConnection, toFields, toTarget, type ConnectionFields } from './connection-draft.ts';

const TARGET: PostgresTarget = PostgresTargetSchema.parse({
  hosts: [
    { host: 'db.example', port: 5432 },
    { host: 'fe80::1', port: 6432 },
  ],
  database: 'events',
  user: 'analyst',
  tls: 'verify-full',
  caFile: '/ca.pem',
  schema: 'shop',
  applicationName: 'mine',
  ssh: { host: 'bastion', user: 'me', port: 2222 },
});
const filled = (part: Partial<ConnectionFields>): ConnectionFields => ({
  ...NEW_CONNECTION,
  hosts: 'db.example',
  database: 'events',
  user: 'analyst',
  ...part,
});

describe('the form of a connection', () => {
  test('says the same after a way through its fields', () => {
    const fields = toFields({ name: 'Shop', environment: 'production', target: TARGET });
    expect(fields).toMatchObject({ hosts: 'db.example, [fe80::1]:6432', port: '5432', ssh: 'me@bastion:2222' });
    expect(toTarget(fields)).toEqual({ target: TARGET, errors: {} });
    expect(toConnection(fields, TARGET, null)).toEqual({
      name: 'Shop',
      environment: 'production',
      target: TARGET,
      mapping: null,
    });
  });

  test.each([
    ['localhost', {}, 'plaintext', false],
    ['db.example', {}, 'verify-full', true],
    ['localhost', { ssh: 'bastion' }, 'verify-full', true],
    ['localhost, db.example', {}, 'verify-full', true],
    ['db.example', { tls: 'plaintext' }, 'plaintext', true],
  ] as const)('the line to %s with %j is %s', (hosts, part, mode, leavesMachine) => {
    expect(tlsOf(filled({ hosts, ...part }))).toEqual({ mode, leavesMachine });
  });

  test.each([
    ['hosts', ''],
    ['hosts', 'a b'],
    ['hosts', 'a:99999'],
    ['port', '0'],
    ['port', '5 432'],
    ['database', ' '],
    ['user', ''],
    ['schema', ''],
    ['ssh', 'a b'],
  ] as const)('tells at the field what is wrong: %s “%s”', (field, value) => {
    const { target, errors } = toTarget(filled({ [field]: value }));
    expect(target).toBeNull();
    expect(Object.keys(errors)).toEqual([field]);
  });

  test('without a name there is nothing to save, but something to open', () => {
    const fields = filled({});
    const { target } = toTarget(fields);
    expect(target).not.toBeNull();
    expect(toConnection(fields, target as PostgresTarget, null)).toBeNull();
  });
});
