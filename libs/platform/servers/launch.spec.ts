import { describe, expect, it } from '@jest/globals';
import { launchOf } from './launch.js';

const place = { dataDir: '/data', infraDir: '/infra', name: 'nexus-1', port: 5000 };

describe('launchOf', () => {
  it('runs a program with its own libraries on the loopback', () => {
    const binary = { path: '/bin/redis-server', libraryPath: '/lib/own' };
    const launch = launchOf({ kind: 'binary', binary, version: '7.0.15' }, { ...place, kind: 'redis' });
    expect(launch.command).toBe('/bin/redis-server');
    expect(launch.args.join(' ')).toBe(
      '/infra/redis/redis.conf --port 5000 --bind 127.0.0.1 --dir /data/redis --set-proc-title no',
    );
    expect(launch.variables).toEqual({ LD_LIBRARY_PATH: '/lib/own' });
  });

  it('runs a container on the loopback with the same configuration and data', () => {
    const program = { kind: 'docker', docker: '/bin/docker', image: 'nats:2.11-alpine' } as const;
    const line = launchOf(program, { ...place, kind: 'nats' }).args.join(' ');
    expect(line).toContain('-p 127.0.0.1:5000:4222');
    expect(line).toContain('-v /data/nats:/data -v /infra/nats/nats.conf:/etc/nexus.conf:ro');
    expect(line).toContain(
      'nats:2.11-alpine nats-server -c /etc/nexus.conf -a 0.0.0.0 -p 4222 -sd /data -n nexus-1',
    );
  });
});
