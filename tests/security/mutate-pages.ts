// node tests/security/mutate-pages.ts [--mutations N] [--seed S] [--from K]: the page reader against SQLite on mutated files.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runMutations } from '../support/mutate-pages.ts';

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
});
const folder = mkdtempSync(path.join(os.tmpdir(), 'tributary-mutations-'));
try {
  const request = { seed: Number(values.seed), from: Number(values.from), count: Number(values.mutations) };
  const tally = runMutations(folder, request, (done, so) =>
    process.stderr.write(`${done} mutations, ${so.equal} equal, ${so.left} left, ${so.differs.length} differ\n`),
  );
  const { equal, left, refused, differs } = tally;
  console.log(
    `${request.count} mutations: ${equal} reads equal, ${left} left to SQLite, ${refused} refused, ${differs.length} differ`,
  );
  for (const line of differs.slice(0, 20)) console.log(line);
  process.exitCode = differs.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
