// npm start. This file runs on any Node, to say which one is needed; start.ts does the work.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Tributary needs Node 22.18 or newer; this is Node ${process.versions.node}.`);
  process.exit(1);
}
await import('./start.ts');
