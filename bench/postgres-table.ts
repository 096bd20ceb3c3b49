/** One thing that was measured; times in s of wall clock and CPU. */
export interface PostgresLine {
  readonly kind: 'load' | 'psql' | 'pull' | 'push' | 'hand';
  readonly name: string;
  readonly seconds: number;
  /** Events of the store by `seconds`. */
  readonly perSecond: number;
  /** Of our process, all threads. */
  readonly ownCpu: number;
  /** Of all processes of the server; null where the system does not say. */
  readonly serverCpu: number | null;
}
/** `results/postgres-<size>.json`. */
export interface PostgresResults {
  readonly size: string;
  readonly rows: number;
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly load: readonly [before: number, after: number];
  readonly seconds: number;
  readonly lines: readonly PostgresLine[];
  readonly omissions: readonly string[];
}

const perRow = (cpu: number | null, rows: number): string => (cpu === null ? '' : ((cpu * 1e6) / rows).toFixed(2));

export function formatPostgres({ rows, commit, date, machine, load, lines, omissions }: PostgresResults): string {
  return [
    `${rows.toLocaleString('en')} events, server and engine on ${machine}; commit ${commit}, ${date.slice(0, 16).replace('T', ' ')} UTC, load average ${load.join(' before and ')} behind.`,
    [
      '| | s | rows/s | µs of CPU a row: server | ours |',
      '|---|---|---|---|---|',
      ...lines.map(
        ({ name, seconds, perSecond, serverCpu, ownCpu }) =>
          `| ${name} | ${seconds.toFixed(2)} | ${perSecond.toLocaleString('en')} | ${perRow(serverCpu, rows)} | ${perRow(ownCpu, rows)} |`,
      ),
    ].join('\n'),
    ...(omissions.length === 0 ? [] : [omissions.map((text) => `- ${text}`).join('\n')]),
  ].join('\n\n');
}
