import { type Inflict } from './fault.js';

const leaderShare = 0.7;

/** SIGKILL: of the leader most of the time, and of a follower with it where there are five. */
export const kill: Inflict = async ({ group, random, leader }) => {
  const followers = group.others(leader);
  const hitsLeader = random.chance(leaderShare);
  const both = hitsLeader && group.ids.length > 3 && random.chance(0.3);
  const first = hitsLeader ? leader : random.pick(followers);
  const replicas = both ? [first, random.pick(followers)] : [first];
  const atMs = performance.now();
  await Promise.all(replicas.map((replicaId) => group.replica(replicaId).kill()));
  return {
    kind: both ? 'kill leader and follower' : hitsLeader ? 'kill leader' : 'kill follower',
    replicas,
    atMs,
    holdMs: random.between(0, 800),
    mend: async () => {
      await Promise.all(replicas.map((replicaId) => group.replica(replicaId).start()));
    },
  };
};
