// Who may import what (docs/architecture.md): every static, dynamic and type-only import of a source file is held
// against the table below. Exits 1 with one line an offence.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAst } from 'vite';
import { execFileSync } from 'node:child_process';

const root = path.join(import.meta.dirname, '..');
const NODE = 'node:';

interface Rule {
  /** Folder or file prefix, most specific first. */
  readonly of: string;
  /** Prefixes of project files. */
  readonly files: readonly string[];
  /** Packages (`node:` = Node's own modules). */
  readonly packages: readonly string[];
}
const DRIVERS = ['better-sqlite3'];
const POSTGRES = ['pg', 'pg-copy-streams', 'pg-cursor'];
const UI = [
  'react',
  'react-dom',
  '@mantine/',
  'zustand',
  'lucide-react',
  'comlink',
  'react-resizable-panels',
  '@fontsource-variable/',
  'dayjs',
  'ag-grid-community',
  'monaco-editor',
  'sql-formatter',
];

const RULES: readonly Rule[] = [
  { of: 'protocol/carrier/', files: ['protocol/'], packages: ['zod', 'comlink'] },
  { of: 'protocol/', files: ['protocol/'], packages: ['zod'] },
  { of: 'worker/kernels/', files: ['worker/kernels/', 'worker/segment/column-memory.ts'], packages: [] },
  { of: 'worker/segment/', files: ['worker/segment/', 'worker/kernels/'], packages: [] },
  { of: 'worker/plan/', files: ['protocol/', 'worker/segment/', 'worker/plan/'], packages: [] },
  {
    of: 'worker/compute/',
    files: ['protocol/', 'worker/segment/', 'worker/kernels/', 'worker/compute/'],
    packages: [],
  },
  {
    of: 'worker/connection/',
    files: ['protocol/', 'worker/files/', 'worker/connection/'],
    packages: [NODE, 'pg', 'zod'],
  },
  {
    of: 'worker/admin/',
    files: [
      'protocol/',
      'worker/files/',
      'worker/connection/',
      'worker/source/',
      'worker/admin/',
      'migrations/',
      'samples/',
    ],
    packages: [NODE, ...DRIVERS, ...POSTGRES, 'umzug', 'zod'],
  },
  // Calendars, moments and the shape of answers are those of compute: two kinds of them would be two answers.
  {
    of: 'worker/pushdown/',
    files: ['protocol/', 'worker/segment/', 'worker/plan/', 'worker/compute/', 'worker/pushdown/'],
    packages: [NODE],
  },
  {
    of: 'worker/query/',
    files: [
      'protocol/',
      'worker/files/',
      'worker/connection/',
      'worker/export/',
      'worker/source/check-file.ts',
      'samples/ensure-sample.ts',
      'worker/query/',
    ],
    packages: [NODE, ...POSTGRES, 'libpg-query', 'hyparquet-writer', 'hyparquet', 'fflate', 'exceljs', 'zod'],
  },
  {
    of: 'worker/source/',
    files: ['protocol/', 'worker/segment/', 'worker/kernels/', 'worker/connection/', 'worker/source/', 'migrations/'],
    packages: [NODE, ...DRIVERS, ...POSTGRES, 'csv-parse', 'csv-stringify', 'luxon', 'zod'],
  },
  {
    of: 'worker/export/',
    files: ['protocol/', 'worker/segment/', 'worker/export/'],
    packages: [NODE, 'csv-stringify'],
  },
  {
    of: 'worker/store/',
    files: ['protocol/', 'worker/segment/', 'worker/files/', 'worker/store/'],
    packages: [NODE, 'zod'],
  },
  { of: 'worker/files/', files: ['protocol/', 'worker/files/'], packages: [NODE, 'zod'] },
  { of: 'worker/', files: ['protocol/', 'worker/', 'samples/', 'migrations/'], packages: [NODE, 'zod'] },
  { of: 'migrations/', files: ['migrations/'], packages: [NODE] },
  { of: 'samples/', files: ['protocol/', 'samples/', 'migrations/'], packages: [NODE, ...DRIVERS] },
  {
    of: 'electron/main/',
    files: ['protocol/', 'worker/files/', 'electron/query/', 'electron/main/'],
    packages: [NODE, 'electron', 'zod'],
  },
  {
    of: 'electron/query/',
    files: ['worker/query/', 'worker/connection/remote-places.ts', 'electron/query/'],
    packages: [NODE],
  },
  { of: 'electron/preload/', files: ['protocol/', 'electron/preload/'], packages: ['electron'] },
  {
    of: 'electron/engine/',
    files: ['protocol/', 'worker/host.ts', 'worker/connection/remote-places.ts', 'worker/files/', 'electron/engine/'],
    packages: [NODE, 'comlink'],
  },
  {
    of: 'server/',
    files: ['protocol/', 'worker/host.ts', 'worker/files/', 'worker/query/', 'server/'],
    packages: [NODE, 'fastify', '@fastify/', 'comlink', 'ws', 'zod'],
  },
  {
    of: 'cli/',
    files: [
      'protocol/',
      'worker/host.ts',
      'worker/files/',
      'worker/source/import',
      'worker/admin/',
      'worker/connection/',
      'worker/query/',
      'samples/',
      'server/',
      'cli/',
    ],
    packages: [NODE, 'commander', 'zod'],
  },
  {
    of: 'renderer/charts/',
    files: ['protocol/', 'renderer/charts/', 'renderer/theme/', 'renderer/widgets/format.ts'],
    packages: ['echarts', ...UI],
  },
  {
    of: 'renderer/widgets/',
    files: ['protocol/', 'renderer/widgets/', 'renderer/theme/', 'renderer/charts/'],
    packages: UI,
  },
  { of: 'renderer/engine/', files: ['protocol/', 'renderer/engine/'], packages: ['zod', ...UI] },
  { of: 'renderer/stores/', files: ['protocol/', 'renderer/stores/', 'renderer/engine/'], packages: UI },
  { of: 'renderer/', files: ['protocol/', 'renderer/'], packages: UI },
];

/** Debts: exact `file -> import` pairs that are known and must go. This list may only shrink. */
const DEBTS: readonly string[] = [];

/** Written in AssemblyScript, which has imports of its own kind. */
const KERNELS = 'worker/kernels/assembly/';

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(
    (file) =>
      RULES.some((rule) => file.startsWith(rule.of)) &&
      !/\.(test|bench)\.tsx?$/.test(file) &&
      !file.endsWith('.d.ts') &&
      !file.startsWith(KERNELS),
  );

/** Module specifiers of a file, type-only imports included. */
function importsOf(file: string): string[] {
  const found: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) return node.forEach(walk);
    const { type, source } = node as { type?: string; source?: { value?: unknown } };
    if (type !== undefined && /^(Import|Export(Named|All)|TSImport)/.test(type) && typeof source?.value === 'string')
      found.push(source.value);
    for (const value of Object.values(node)) walk(value);
  };
  walk(parseAst(readFileSync(path.join(root, file), 'utf8'), { lang: file.endsWith('x') ? 'tsx' : 'ts' }));
  return found;
}

function isAllowed(file: string, specifier: string): boolean {
  const rule = RULES.find((r) => file.startsWith(r.of));
  if (rule === undefined) return true;
  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    return rule.files.some((prefix) => target.startsWith(prefix)) || /\.(css|svg|png)$/.test(specifier);
  }
  return rule.packages.some((name) =>
    /[/:]$/.test(name) ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`),
  );
}

const offences = sources.flatMap((file) =>
  importsOf(file)
    .filter((specifier) => !isAllowed(file, specifier) && !DEBTS.includes(`${file} -> ${specifier}`))
    .map((specifier) => `${file}: may not import '${specifier}'`),
);
for (const line of offences) console.error(line);
console.log(`imports: ${sources.length} files, ${offences.length} offences, ${DEBTS.length} debts`);
process.exit(offences.length === 0 ? 0 : 1);
