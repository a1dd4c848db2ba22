import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fleetFields } from '../../examples/fleet/agent.config.js';
import { consensusFields } from '../../apps/consensus/src/consensus.config.js';
import { coordinatorFields } from '../../apps/coordinator/src/coordinator.config.js';
import { gossipFields } from '../../apps/gossip/src/gossip.config.js';
import { intelligenceFields } from '../../apps/intelligence/src/intelligence.config.js';
import { routingFields } from '../../apps/routing/src/routing.config.js';
import { describeConfig, type Fields } from '@nexus/platform/config';
import { Ajv } from 'ajv';
import composeverter from 'composeverter';
import { parse } from 'yaml';
import { pathFromRoot, readSource } from './source-tree.js';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly args?: Record<string, string> };
  readonly user?: string;
  readonly command?: string[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: string[] };
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly environment?: Record<string, string>;
  readonly ports?: string[];
  readonly volumes?: string[];
}
interface ComposeFile {
  readonly services: Record<string, Service>;
  readonly volumes: Record<string, unknown>;
}

/** As an engine reads it where no variable is set: `${NAME:-default}` is the default. */
const text = readSource('docker-compose.yml').replace(/\$\{\w+:-([^}]*)\}/g, '$1');
const compose = parse(text, { merge: true }) as ComposeFile;
const services = Object.entries(compose.services);
const own = services.filter(([, { build }]) => build !== undefined);
const replicas = ['consensus-1', 'consensus-2', 'consensus-3'];
const fieldsByApp: Readonly<Record<string, Fields>> = {
  consensus: consensusFields,
  coordinator: coordinatorFields,
  gossip: gossipFields,
  intelligence: intelligenceFields,
  routing: routingFields,
};
/** Images without a shell or a client to probe them with; nothing may wait for their health. */
const unprobed = new Set(['jaeger']);

/**
 * The Compose specification's own schema. Some patterns in this copy stand between slashes, as a literal of JavaScript
 * would, and could match nothing: the slashes go.
 */
const schema = JSON.parse(
  JSON.stringify(composeverter.getDockerComposeSchemaWithoutFormats()),
  (key, value: unknown) =>
    key === 'pattern' && typeof value === 'string' ? value.replace(/^\/(.*)\/$/, '$1') : value,
) as object;
const conforms = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
const faultsOf = (file: unknown) => (conforms(file) ? [] : conforms.errors);

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose specification', () => {
    expect(faultsOf(compose)).toEqual([]);
  });

  it('is judged by a schema that refuses what is not Compose', () => {
    const broken = (service: object) => faultsOf({ services: { a: { image: 'x', ...service } } });
    expect(broken({})).toEqual([]);
    expect(broken({ imagee: 'x' })).not.toEqual([]);
    expect(broken({ depends_on: { b: { condition: 'service_fine' } } })).not.toEqual([]);
    expect(broken({ healthcheck: { tests: [] } })).not.toEqual([]);
    expect(broken({ healthcheck: { interval: '5s' } })).toEqual([]);
    expect(broken({ healthcheck: { interval: 'soon' } })).not.toEqual([]);
  });

  it('has the servers, three replicas of the log, two coordinators, gossip, routing, intelligence and a fleet', () => {
    const singles = ['gossip', 'routing', 'intelligence', 'coordinator-1', 'coordinator-2', 'fleet'];
    const names = ['nats', 'redis', 'jaeger', ...singles, ...replicas];
    expect(Object.keys(compose.services).sort()).toEqual(names.sort());
  });

  it('keeps the log of each replica in a volume of its own, and nowhere else', () => {
    const folder = '/data';
    const volumes = replicas.map((name) => {
      const { environment = {}, volumes: mounted = [] } = compose.services[name] ?? {};
      expect(environment).toMatchObject({
        NEXUS_CONSENSUS_REPLICA_ID: name,
        NEXUS_CONSENSUS_REPLICAS: replicas.join(','),
        NEXUS_CONSENSUS_DATA_DIR: folder,
        NEXUS_NODE_ID: name,
      });
      expect(mounted).toEqual([expect.stringMatching(`^[a-z0-9-]+:${folder}$`)]);
      return mounted[0];
    });
    expect(new Set(volumes).size).toBe(replicas.length);
    // A new volume takes the owner of the folder of the image that it covers; all else of the image belongs to root.
    expect(readSource('Dockerfile')).toMatch(new RegExp(`^RUN install -d -o node -g node .*${folder}$`, 'm'));
  });

  it('starts coordinators once they can decide', () => {
    for (const name of ['coordinator-1', 'coordinator-2']) {
      const { depends_on: on = {} } = compose.services[name] ?? {};
      expect(Object.keys(on)).toEqual(expect.arrayContaining(replicas));
    }
  });
});

describe.each(services)('Compose service %s', (name, service) => {
  it('names an image of one exact version', () => {
    expect(service.image).toMatch(/^[a-z][a-z0-9/-]*:\d+\.\d+\.\d+(-[a-z0-9.]+)?$/);
  });

  it('is probed, or nobody waits for its health', () => {
    const waiting = services.filter(
      ([, { depends_on: on = {} }]) => on[name]?.condition === 'service_healthy',
    );
    if (unprobed.has(name)) expect(waiting).toEqual([]);
    else expect(service.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('waits for services that exist, and for their health when they are probed', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(Object.keys(compose.services)).toContain(other);
      expect([other, condition]).toEqual([
        other,
        unprobed.has(other) ? 'service_started' : 'service_healthy',
      ]);
    }
  });

  it('runs without rights, on a file system it cannot change, and comes back', () => {
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(service.read_only).toBe(true);
    expect(service.restart).toBe('unless-stopped');
    expect(service.stop_grace_period).toMatch(/^\d+s$/);
  });

  it('is published on the loopback alone', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('mounts files of this repository and declared volumes', () => {
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) expect([source, existsSync(pathFromRoot(source))]).toEqual([source, true]);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });
});

describe.each(own)(
  'Compose service %s of Nexus',
  (_name, { build, environment = {}, command, healthcheck }) => {
    it('is built from an app that exists', () => {
      expect(existsSync(pathFromRoot(`apps/${build?.args?.['APP'] ?? ''}/src/main.ts`))).toBe(true);
    });

    it('starts and is probed by files that exist', () => {
      for (const word of [...(command ?? []), ...(healthcheck?.test ?? [])]) {
        if (!/\.m?js$/.test(word)) continue;
        const source = word.replace(/^dist\/(.+)\.js$/, '$1.ts');
        expect([source, existsSync(pathFromRoot(source))]).toEqual([source, true]);
      }
    });

    it('sets only variables that the services read', () => {
      // The image of a service also carries the fleet, which is started by a command of its own.
      const fields = command ? fleetFields : fieldsByApp[build?.args?.['APP'] ?? ''];
      const known = describeConfig(fields ?? {}).map(({ variable }) => variable);
      expect(Object.keys(environment).filter((variable) => !known.includes(variable))).toEqual([]);
      expect(environment['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe('http://jaeger:4318');
      expect(environment['NEXUS_NATS_URL']).toBe('nats://nats:4222');
    });
  },
);

describe('Dockerfile', () => {
  const lines = readFileSync(pathFromRoot('Dockerfile'), 'utf8').split('\n');
  const runtime = lines.slice(lines.findIndex((line) => line.endsWith(' AS runtime')));

  it('starts from bases of one exact version, or from its own stages', () => {
    const stages = new Set<string>();
    for (const line of lines.filter((candidate) => candidate.startsWith('FROM '))) {
      const [, base = '', , stage = ''] = line.split(' ');
      expect([base, stages.has(base) || /^node:\d+\.\d+\.\d+-[a-z-]+$/.test(base)]).toEqual([base, true]);
      stages.add(stage);
    }
  });

  it('ends in an image that takes the app as argument, runs as node and is probed', () => {
    for (const start of ['ARG APP', 'USER node', 'STOPSIGNAL SIGTERM', 'HEALTHCHECK ']) {
      expect([start, runtime.some((line) => line.startsWith(start))]).toEqual([start, true]);
    }
  });

  it('copies from the repository only what is there', () => {
    for (const line of lines.filter((candidate) => /^COPY (?!--from)/.test(candidate))) {
      const sources = line.split(' ').slice(1, -1);
      for (const source of sources)
        expect([source, existsSync(pathFromRoot(source))]).toEqual([source, true]);
    }
  });
});
