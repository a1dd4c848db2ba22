import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv[2] ?? 'package-lock.json', lock = JSON.parse(readFileSync(file, 'utf8'));
const OS = ['darwin', 'win32', 'linux', 'android', 'freebsd', 'openharmony', 'sunos', 'netbsd', 'openbsd', 'aix'];
const CPU = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32'];
for (const [path, p] of Object.entries({ ...lock.packages })) for (const [name, range] of Object.entries(p.optionalDependencies ?? {})) {
  let dir = path, found = false;
  for (;;) { if (lock.packages[(dir ? dir + '/' : '') + 'node_modules/' + name]) { found = true; break; }
    if (!dir) break; const i = dir.lastIndexOf('node_modules/'); dir = i <= 0 ? '' : dir.slice(0, i - 1); }
  if (found) continue;
  const bits = name.split('/').pop().split('-'), os = bits.find((b) => OS.includes(b)) ?? (name === 'fsevents' ? 'darwin' : undefined), cpu = bits.find((b) => CPU.includes(b));
  if (!os) { console.error('cannot tell the platform of', name); process.exitCode = 1; continue; }
  lock.packages['node_modules/' + name] = { version: range.replace(/^[\^~]/, ''), ...(cpu ? { cpu: [cpu] } : {}), ...(p.dev ? { dev: true } : {}), optional: true, os: [os] };
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(file, JSON.stringify(lock, null, 2) + '\n');
