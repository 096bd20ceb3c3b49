import fs from 'node:fs';
const l = JSON.parse(fs.readFileSync(process.argv[2] ?? 'package-lock.json', 'utf8')).packages;
const find = (from, name) => {
  let p = from;
  for (;;) {
    const k = (p ? p + '/' : '') + 'node_modules/' + name;
    if (l[k]) return k;
    if (!p) return null;
    const i = p.lastIndexOf('/node_modules/');
    p = i >= 0 ? p.slice(0, i) : p.startsWith('node_modules/') ? '' : '';
    if (p === '' && from === '') return null;
    if (p === '') {
      const k2 = 'node_modules/' + name;
      return l[k2] ? k2 : null;
    }
  }
};
const miss = {};
for (const [k, v] of Object.entries(l))
  for (const n of Object.keys(v.optionalDependencies ?? {}))
    if (!find(k, n)) (miss[`${k}@${v.version}`] ??= []).push(n.replace(/^@[^/]+\//, ''));
for (const [k, v] of Object.entries(miss)) console.log(k, '->', v.join(' '));
console.log(Object.keys(miss).length ? 'lockfile: optional bindings missing' : 'lockfile: complete');
process.exit(Object.keys(miss).length ? 1 : 0);
