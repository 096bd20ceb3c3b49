// npm run kernels [-- --check] [name…]: compiles worker/kernels/assembly/<name>.ts to worker/kernels/generated/<name>.ts, a
// module in base64: dev, tests and bundles read it alike, without a path. `--check` only says which are out of date.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const root = path.join(import.meta.dirname, '..');
const SOURCES = path.join(root, 'worker/kernels/assembly');
const GENERATED = path.join(root, 'worker/kernels/generated');
/** Memory is the column memory of the caller; no runtime, no allocation: kernels only read and write what they are told. */
const OPTIONS = [
  '--optimizeLevel=3',
  '--shrinkLevel=0',
  '--converge',
  '--noAssert',
  '--runtime=stub',
  '--importMemory',
  '--sharedMemory',
  '--maximumMemory=65536',
  '--initialMemory=1',
  '--enable=simd,threads,bulk-memory,sign-extension,mutable-globals,nontrapping-f2i',
  '--baseDir',
  root,
];

/** Files whose name begins with `_` are shared parts, not kernels. */
const names = readdirSync(SOURCES)
  .filter((file) => file.endsWith('.ts') && !file.startsWith('_'))
  .map((file) => path.basename(file, '.ts'));

async function compile(name: string): Promise<string> {
  let wasm: Uint8Array | null = null;
  const complaints: string[] = [];
  const { error } = await asc.main([`worker/kernels/assembly/${name}.ts`, '--outFile', 'out.wasm', ...OPTIONS], {
    stderr: { write: (text: string | Uint8Array) => complaints.push(String(text)) > 0 },
    writeFile: (_file, contents) => {
      if (typeof contents !== 'string') wasm = contents;
    },
  });
  if (error !== null || wasm === null) throw new Error(`${name}: ${complaints.join('')}`, { cause: error });
  return [
    `// Made by \`npm run kernels\` from worker/kernels/assembly/${name}.ts: do not edit.`,
    `export const WASM = '${Buffer.from(wasm).toString('base64')}';`,
    '',
  ].join('\n');
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const check = process.argv.includes('--check');
const stale: string[] = [];
mkdirSync(GENERATED, { recursive: true });
for (const name of names.filter((known) => wanted.length === 0 || wanted.includes(known))) {
  const file = path.join(GENERATED, `${name}.ts`);
  const text = await compile(name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(name);
  if (!check) writeFileSync(file, text);
}
for (const file of readdirSync(GENERATED)) {
  const name = path.basename(file, '.ts');
  if (names.includes(name)) continue;
  stale.push(name);
  if (!check) rmSync(path.join(GENERATED, file));
}
console.log(
  stale.length === 0
    ? `kernels: ${names.length}, up to date`
    : `kernels: ${check ? 'out of date' : 'made'}: ${stale.join(', ')}`,
);
process.exit(check && stale.length > 0 ? 1 : 0);
