import { join } from 'node:path';
import { Connection } from '@nexus/wire';
import { closedLoop } from '../measure/closed-loop.js';
import { freePorts, loopback } from '../processes/free-ports.js';
import { startNodes } from '../processes/program-child.js';
import { RawClient } from '../raw-client.js';
import { nextCommand } from './command.js';
import { type Contestant, firstFailure, type Ground, stopAll, untilGiven } from './contestant.js';
import { findProgram } from './program.js';

const nodes = ['jetstream-1', 'jetstream-2', 'jetstream-3'];
const readyWithinMs = 30_000;
const stream = { name: 'BENCH', subjects: ['bench.stream'], num_replicas: 3, storage: 'file' } as const;

interface StreamInfo {
  readonly error?: { readonly description: string };
  readonly cluster?: { readonly leader?: string };
}
interface PubAck {
  readonly error?: { readonly description: string };
  readonly seq?: number;
}

/** A stream of three replicas on a cluster of its own; undefined where the server is no program on this machine. */
export async function startJetStream({ folder }: Ground): Promise<Contestant | undefined> {
  const program = await findProgram('nats-server');
  if (program === undefined) return undefined;
  const ports = await freePorts(2 * nodes.length);
  const routes = nodes.map((_, index) => `nats://${loopback}:${ports[index + nodes.length]}`);
  const parts = startNodes(program, nodes, (name, index) => [
    ...['-n', name, '-a', loopback, '-p', String(ports[index]), '-js', '-sd', join(folder, name)],
    ...['--cluster_name', 'bench', '--cluster', routes[index]!, '--routes', routes.join(',')],
  ]);
  const failed = firstFailure(parts);
  const urls = nodes.map((_, index) => `nats://${loopback}:${ports[index]}`);
  const leader = await Promise.race([leaderOfStream(urls[0]!), failed]);
  const connection = await Connection.open({
    servers: urls[nodes.indexOf(leader)] ?? urls[0]!,
    name: 'bench',
  });
  const client = new RawClient(connection.nats);
  const commit = async () => {
    const { error } = (await client.ask(stream.subjects[0], nextCommand())) as PubAck;
    if (error !== undefined) throw new Error(error.description);
  };
  return {
    name: 'JetStream R3, which does not flush',
    measure: (load) => closedLoop(commit, load),
    failed,
    stop: async () => {
      await connection.close();
      await stopAll(parts);
    },
  };
}

/** Makes the stream, and tells the server that leads it. */
async function leaderOfStream(servers: string): Promise<string> {
  const connection = await Connection.open({ servers, name: 'bench' });
  const ask = async (verb: string, body: object): Promise<StreamInfo> => {
    const subject = `$JS.API.STREAM.${verb}.${stream.name}`;
    return (await connection.nats.request(subject, JSON.stringify(body), { timeout: 2_000 })).json();
  };
  try {
    return await untilGiven('the stream has a leader', readyWithinMs, async () => {
      const made = await ask('CREATE', stream);
      if (made.error !== undefined) throw new Error(made.error.description);
      return (await ask('INFO', {})).cluster?.leader;
    });
  } finally {
    await connection.close();
  }
}
