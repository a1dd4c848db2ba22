import { endpoints } from '@nexus/contracts';
import { Caller, Connection, ReplyInbox } from '@nexus/wire';
import { closedLoop } from '../measure/closed-loop.js';
import { Child } from '../processes/child.js';
import { putCommand } from './command.js';
import { type Contestant, firstFailure, type Ground, stopAll, untilGiven } from './contestant.js';
import { driveChild } from './drive.js';
import { type AskWhoLeads, type Leads } from './nexus-replica.js';

const replicaIds = ['replica-1', 'replica-2', 'replica-3'];
const prefix = 'bench-consensus';
const electsWithinMs = 20_000;
/** A service comes up in about a second, and in much more where others come up beside it. */
const answersWithinMs = 60_000;
const timeoutMs = 10_000;

/** Three replicas, asked in the leader's process and over the wire: two contestants, the first of which stops both. */
export async function startNexus({
  natsUrl,
  folder,
}: Ground): Promise<[inside: Contestant, wire: Contestant]> {
  const replicas = replicaIds.map(
    (replicaId) =>
      new Child({
        name: replicaId,
        entry: 'bench/consensus/nexus-replica.js',
        variables: {
          NEXUS_NATS_URL: natsUrl,
          NEXUS_PREFIX: prefix,
          NEXUS_CONSENSUS_REPLICA_ID: replicaId,
          NEXUS_CONSENSUS_REPLICAS: replicaIds.join(','),
          NEXUS_CONSENSUS_DATA_DIR: folder,
          NEXUS_LOG_LEVEL: 'error',
        },
      }),
  );
  const failed = firstFailure(replicas);
  const findLeader = () => untilGiven('a replica leads', electsWithinMs, () => leaderOf(replicas));
  await Promise.race([findLeader(), failed]);
  const connection = await Connection.open({ servers: natsUrl, name: 'bench client' });
  const inside: Contestant = {
    name: 'Nexus, asked inside the leader',
    measure: async (load) => driveChild(await findLeader(), load),
    failed,
    stop: async () => {
      await connection.close();
      await stopAll(replicas);
    },
  };
  const propose = proposer(connection);
  const wire: Contestant = {
    name: 'Nexus, asked over the wire',
    measure: (load) => closedLoop(propose, load),
    failed,
    stop: () => Promise.resolve(),
  };
  return [inside, wire];
}

function proposer(connection: Connection): () => Promise<unknown> {
  const caller = new Caller(connection, new ReplyInbox(connection), prefix);
  return () =>
    caller.callRaw(
      endpoints.consensusPropose,
      {},
      { command: putCommand() },
      { timeoutMs, encoding: 'msgpack' },
    );
}

async function leaderOf(replicas: readonly Child[]): Promise<Child | undefined> {
  const order: AskWhoLeads = { leads: true };
  const answers = await Promise.all(replicas.map((replica) => replica.ask(order, answersWithinMs)));
  return replicas[answers.findIndex((answer) => (answer as Leads).leads)];
}
