import { join } from 'node:path';
import { DataDirLock } from '@nexus/platform/servers';
import { dataDirOf, type ServerOptions } from '../connect/server-address.js';
import { type Session } from '../session/session.js';
import { type Check, ok } from './finding.js';
import { inspectBuild, inspectNode, inspectPackages } from './inspect-installation.js';
import { inspectLogFolders } from './inspect-log-folders.js';
import { handleLimit, inspectDataDir, inspectHandles, inspectMemory } from './inspect-machine.js';
import { inspectNats } from './inspect-nats.js';
import { inspectPort } from './inspect-port.js';
import { inspectProgram } from './inspect-program.js';
import { inspectRedis } from './inspect-redis.js';

/** Everything that `doctor` looks at, in the order in which it is shown. */
export async function doctorChecks(session: Session, options: ServerOptions): Promise<Check[]> {
  const { config, installation } = session;
  const dataDir = dataDirOf(session, options);
  const infraDir = join(installation.root, 'infra');
  const stack = await DataDirLock.holder(dataDir);
  const redisUrl = config.redisUrl ?? stack?.redisUrl;
  const nats = inspectNats(session, options);
  // Whoever looks first is told of a fault; the other look must not leave it unhandled.
  nats.catch(() => undefined);
  return [
    { name: 'node', look: () => inspectNode(installation, process.versions.node) },
    { name: 'packages', look: () => inspectPackages(installation) },
    { name: 'build', look: () => inspectBuild(installation) },
    { name: 'nats-server', look: () => inspectProgram('nats', infraDir) },
    { name: 'redis-server', look: () => inspectProgram('redis', infraDir) },
    { name: 'port 4222', look: () => inspectPort('nats', stack) },
    { name: 'port 6379', look: () => inspectPort('redis', stack) },
    { name: 'nats', look: async () => (await nats).broker },
    {
      name: 'redis',
      look: () =>
        redisUrl === undefined ? ok('none is named, and no stack runs here') : inspectRedis(redisUrl),
    },
    { name: 'services', look: async () => (await nats).services },
    { name: 'decisions', look: async () => (await nats).decisions },
    { name: 'mesh', look: async () => (await nats).mesh },
    { name: 'models', look: async () => (await nats).models },
    { name: 'data', look: () => inspectDataDir(dataDir) },
    { name: 'decision log', look: () => inspectLogFolders(dataDir) },
    { name: 'memory', look: () => inspectMemory(process.availableMemory()) },
    { name: 'open files', look: async () => inspectHandles(await handleLimit()) },
  ];
}
