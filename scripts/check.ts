// npm run check: types, lint, format, import rules, lockfile. All run, whatever fails.
import { runStep, type Step } from './run-tool.ts';

const STEPS: readonly Step[] = [
  { label: 'types', tool: ['typescript', 'tsc'], args: ['-b'] },
  { label: 'lint', tool: ['oxlint', 'oxlint'], args: ['--type-aware'] },
  { label: 'format', tool: ['oxfmt', 'oxfmt'], args: ['--check'] },
  { label: 'import rules', tool: 'scripts/check-imports.ts' },
  { label: 'kernels', tool: 'scripts/build-kernels.ts', args: ['--check'] },
  { label: 'lockfile', tool: 'scripts/check-lockfile.mjs' },
];
const failed = STEPS.filter((step) => !runStep(step));
console.log(failed.length === 0 ? '\ncheck: ok' : `\ncheck: failed: ${failed.map((step) => step.label).join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
