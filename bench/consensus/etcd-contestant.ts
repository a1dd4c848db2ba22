import { join } from 'node:path';
import { closedLoop } from '../measure/closed-loop.js';
import { freePorts, loopback } from '../processes/free-ports.js';
import { startNodes } from '../processes/program-child.js';
import { nextCommand } from './command.js';
import { type Contestant, firstFailure, type Ground, stopAll, untilGiven } from './contestant.js';
import { GrpcClient, textsMessage } from './grpc-client.js';
import { findProgram } from './program.js';

const nodes = ['etcd-1', 'etcd-2', 'etcd-3'];
const electsWithinMs = 20_000;
const put = '/etcdserverpb.KV/Put';

/** Three nodes as they are by default, which flush before they acknowledge; undefined where there is no etcd. */
export async function startEtcd({ folder }: Ground): Promise<Contestant | undefined> {
  const program = await findProgram('etcd');
  if (program === undefined) return undefined;
  const ports = await freePorts(2 * nodes.length);
  const clientUrls = nodes.map((_, index) => `http://${loopback}:${ports[index]}`);
  const peerUrls = nodes.map((_, index) => `http://${loopback}:${ports[index + nodes.length]}`);
  const cluster = nodes.map((name, index) => `${name}=${peerUrls[index]}`).join(',');
  const parts = startNodes(program, nodes, (name, index) => [
    ...['--name', name, '--data-dir', join(folder, name)],
    ...['--listen-client-urls', clientUrls[index]!, '--advertise-client-urls', clientUrls[index]!],
    ...['--listen-peer-urls', peerUrls[index]!, '--initial-advertise-peer-urls', peerUrls[index]!],
    ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
    ...['--logger', 'zap', '--log-level', 'error'],
  ]);
  const failed = firstFailure(parts);
  const leader = await Promise.race([
    untilGiven('etcd elects', electsWithinMs, () => leaderOf(clientUrls)),
    failed,
  ]);
  const client = new GrpcClient(leader);
  const commit = () => {
    const { key, value } = nextCommand();
    return client.call(put, textsMessage(key, value));
  };
  return {
    name: 'etcd, gRPC client of the leader',
    measure: (load) => closedLoop(commit, load),
    failed,
    stop: async () => {
      client.close();
      await stopAll(parts);
    },
  };
}

interface Status {
  readonly leader?: string;
  readonly header?: { readonly member_id?: string };
}

/** Asked there, a proposal takes no step that it need not take. */
async function leaderOf(urls: readonly string[]): Promise<string | undefined> {
  const statuses = await Promise.all(
    urls.map(async (url) => {
      const reply = await fetch(`${url}/v3/maintenance/status`, { method: 'POST', body: '{}' });
      return { url, ...((await reply.json()) as Status) };
    }),
  );
  return statuses.find(({ leader, header }) => leader !== undefined && leader === header?.member_id)?.url;
}
