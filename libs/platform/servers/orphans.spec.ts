import { describe, expect, it } from '@jest/globals';
import { isOurs, runsScript } from './orphans.js';

describe('isOurs', () => {
  const natsLine = ['/usr/sbin/nats-server', '-c', 'nats.conf', '-p', '4222', '-sd', '/data/nexus/nats'];

  it('recognises a server on our directory', () => {
    expect(isOurs(natsLine, 'nats', '/data/nexus')).toBe(true);
  });

  it('recognises it where the system gives the line as one string', () => {
    expect(isOurs([natsLine.join(' ')], 'nats', '/data/nexus')).toBe(true);
    expect(isOurs([natsLine.join(' ')], 'nats', '/data/nex')).toBe(false);
  });

  it('recognises the client of a container that mounts our directory', () => {
    const docker = ['docker', 'run', '--rm', '-v', '/data/nexus/redis:/data', 'redis:8-alpine'];
    expect(isOurs(docker, 'redis', '/data/nexus')).toBe(true);
  });

  it.each([
    ['a server on another directory', natsLine, '/data/nexus-2'],
    ['a server on a directory above', natsLine, '/data'],
    ['another program that names our directory', ['tail', '-f', '/data/nexus/nats'], '/data/nexus'],
    ['a process that is gone', [], '/data/nexus'],
  ])('leaves alone %s', (_, line, dataDir) => {
    expect(isOurs(line, 'nats', dataDir)).toBe(false);
  });
});

describe('runsScript', () => {
  const line = ['/usr/bin/node', '/nexus/dist/apps/routing/src/main.js'];

  it.each([
    ['the script', line, line[1], true],
    ['the script, where the line is one string', [line.join(' ')], line[1], true],
    ['another script', line, '/nexus/dist/apps/routing/src/main', false],
    ['no script that is known', line, undefined, false],
    ['nothing any more', [], line[1], false],
  ])('tells that a process runs %s', (_, commandLine, script, expected) => {
    expect(runsScript(commandLine, script)).toBe(expected);
  });
});
