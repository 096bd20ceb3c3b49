import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseAnalysis, PostgresTargetSchema } from '../../protocol/index.ts';
import { getCliCommand, getCliSource, pruneDefaults, quote } from './cli-command.ts';

const funnel = parseAnalysis({ type: 'funnel', steps: [{ event: "it's" }, { event: 'b' }], dateRange: null });

describe('copy as CLI command', () => {
  it('keeps what differs from the defaults and nothing else', () => {
    expect(pruneDefaults(funnel)).toEqual({ version: 1, type: 'funnel', steps: [{ event: "it's" }, { event: 'b' }] });
    expect(pruneDefaults(parseAnalysis({ ...funnel, order: 'strict', asOf: '2026-01-01' }))).toMatchObject({
      order: 'strict',
      asOf: '2026-01-01',
    });
  });
  it('keeps a null that differs from the default', () => {
    expect(pruneDefaults(parseAnalysis({ type: 'flow', edgeLimit: null }))).toHaveProperty('edgeLimit', null);
    expect(pruneDefaults(parseAnalysis({ type: 'flow', edgeLimit: 50 }))).not.toHaveProperty('edgeLimit');
  });
  it('means the same after the round trip', () => {
    const rich = parseAnalysis({
      ...funnel,
      window: { value: 7, unit: 'day' },
      where: [{ prop: 'x', op: 'eq', value: 'y' }],
      breakdown: { props: ['plan'] },
    });
    expect(parseAnalysis(pruneDefaults(rich))).toEqual({ ...rich, dateRange: undefined });
  });
  it('survives a shell: paths with quotes and spaces arrive as they are, and so does the JSON', () => {
    const path = "/data/it's a $HOME `x` file.sqlite";
    const command = getCliCommand({ kind: 'sqlite', path }, funnel);
    const script = `tributary() { printf '%s\\n' "$2"; cat; }\n${command}`;
    const [seen, ...json] = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n');
    expect(seen).toBe(path);
    expect(JSON.parse(json.join('\n'))).toEqual(pruneDefaults(funnel));
  });
  it('names a server by its saved connection, else by an address with its schema and protection', () => {
    const hosts = [{ host: 'localhost' }];
    const target = PostgresTargetSchema.parse({ hosts, user: 'me', database: 'events', schema: 'shop' });
    const ref = { kind: 'postgres', target } as const;
    expect(getCliSource({ ...ref, name: 'our events' })).toBe("'our events'");
    expect(getCliSource(ref)).toBe("'postgres://me@localhost:5432/events?sslmode=verify-full&schema=shop'");
  });
  it('leaves simple words alone', () => {
    expect(quote('sample:')).toBe('sample:');
    expect(quote('')).toBe("''");
  });
});
