import { type Inflict } from './fault.js';

const leaderShare = 0.7;

/** SIGSTOP for several election time-outs, then SIGCONT: the replica believes that no time has passed. */
export const pause: Inflict = ({ group, random, leader }) => {
  const hitsLeader = random.chance(leaderShare);
  const replicaId = hitsLeader ? leader : random.pick(group.others(leader));
  const atMs = performance.now();
  group.replica(replicaId).pause();
  return Promise.resolve({
    kind: hitsLeader ? 'pause leader' : 'pause follower',
    replicas: [replicaId],
    atMs,
    holdMs: random.between(500, 1_800),
    mend: () => {
      group.replica(replicaId).goOn();
      return Promise.resolve();
    },
  });
};
