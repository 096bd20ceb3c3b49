import type { Command } from 'commander';
import type { Inspection } from '../protocol/index.ts';
import { showProgress, writeJson, writeOut } from './console.ts';
import { withEngine, type EngineFlags } from './engine-session.ts';
import { addEngineFlags } from './flags.ts';
import { addSourceFlags, SOURCE_HELP, type SourceFlags } from './source-flags.ts';
import { resolveSource } from './source-request.ts';
import { superviseChild } from './supervise.ts';
import { formatTable } from './text-table.ts';

type Flags = EngineFlags & SourceFlags & { readonly json?: boolean; readonly table?: boolean };

export function addInspect(program: Command): Command {
  const command = program
    .command('inspect')
    .description('what a SQLite file holds: tables, proposed mappings, hours, and what is odd about the data')
    .argument('<source>', SOURCE_HELP)
    .option('--json', 'JSON (default when stdout is no terminal)')
    .option('--table', 'text for people (default on a terminal)')
    .action(inspect);
  return addEngineFlags(addSourceFlags(command));
}

async function inspect(source: string, flags: Flags): Promise<void> {
  const request = await resolveSource(source, flags);
  const { ref } = request;
  if (ref.kind === 'sqlite' && ref.mapping !== undefined && (await superviseChild(flags.deadlineMs))) return;
  const found = await withEngine(flags, ({ engine, ask }) =>
    ask((call) => engine.inspect({ ...call, ...request }, showProgress)),
  );
  const asJson = flags.json ?? !(flags.table ?? process.stdout.isTTY);
  await (asJson ? writeJson(found) : writeOut(describeInspection(found)));
}

const count = (n: number): string => n.toLocaleString('en-US');

export function describeInspection(found: Inspection): string {
  const parts = [
    `${found.path} (${count(found.sizeBytes)} bytes)`,
    found.model === 'tributary'
      ? 'A Tributary snapshot.'
      : found.model === 'mapped'
        ? 'Read through the mapping given.'
        : 'Not a Tributary snapshot: it needs a mapping.',
    ...describeTotals(found),
    ...describePending(found),
    formatTable([
      ['table', 'kind', 'rows', 'columns'],
      ...found.tables.map((t) => [
        t.name,
        t.kind,
        t.rows === null ? '' : count(t.rows),
        t.columns
          .map((c) => c.name)
          .join(', ')
          .slice(0, 100),
      ]),
    ]),
    ...found.issues.map((issue) => `${count(issue.rows)} × ${issue.kind}: ${issue.text}`),
    ...found.candidates.map((c) => `Mapping ${c.score}: ${JSON.stringify(c.mapping)}\n  ${c.reasons.join('\n  ')}`),
  ];
  return parts.join('\n\n');
}

function describePending({ migrations }: Inspection): readonly string[] {
  if (migrations === null || migrations.pending.length === 0) return [];
  const steps = migrations.pending.map(({ id, brings }) => `  ${id}  ${brings}`).join('\n');
  return [`Migrations that are not applied yet; \`tributary migrate SOURCE up\` applies them:\n${steps}`];
}

function describeTotals({ totals, partitions, guardHours }: Inspection): readonly string[] {
  if (totals === null) return [];
  const range = totals.firstTime === null ? '' : `, ${totals.firstTime} to ${totals.lastTime ?? ''}`;
  return [
    `${count(totals.events)} events of ${count(totals.actors)} actors${range}, in ${count(partitions.length)} hours; guard band ${guardHours} h.`,
  ];
}
