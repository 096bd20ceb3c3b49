#!/usr/bin/env node
// Only the version check may come first: the engine's driver crashes on old Node versions instead of saying so.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`Tributary needs Node 22.18 or newer; this is ${process.version}.\n`);
  process.exitCode = 2;
} else {
  // Compiled code is kept: the second start takes half as long. Before the imports it is to speed up.
  const { keepCompiledCode } = await import('./compiled-code.ts');
  keepCompiledCode(process.argv);
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(process.argv.slice(2));
}

export {};
