// One process of the bare loop: `bare-replica.js <servers> <file> <name> [<follower> <follower>]`; with followers it leads,
// and drives itself as it is told.
import { connect } from '@nats-io/transport-node';
import { answerParent } from '../processes/parent-line.js';
import { BareLeader, followBare } from './bare-leader.js';
import { commandBytes } from './command.js';
import { drive } from './drive.js';
import { DurableLog } from './durable-log.js';

const [, , servers = '', path = '', name = '', ...followers] = process.argv;
const connection = await connect({ servers, name: `bench bare ${name}` });
const log = new DurableLog(path);

if (followers.length === 0) {
  followBare(name, { connection, log });
  await connection.flush();
  answerParent(() => Promise.resolve({ ready: true }));
} else {
  const leader = new BareLeader({ connection, log, followers });
  await connection.flush();
  answerParent(drive(() => leader.commit(commandBytes())));
}
