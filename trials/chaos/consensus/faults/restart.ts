import { type Inflict } from './fault.js';

const stopGraceMs = 10_000;

/** SIGTERM and a new start, as an update does it: a leader hands over first. */
export const restart: Inflict = ({ group, random, leader }) => {
  const replicaId = random.pick(group.ids);
  const replica = group.replica(replicaId);
  const atMs = performance.now();
  const stopped = replica.stop(stopGraceMs);
  return Promise.resolve({
    kind: replicaId === leader ? 'restart leader' : 'restart follower',
    replicas: [replicaId],
    atMs,
    holdMs: 0,
    mend: async () => {
      await stopped;
      await replica.start();
    },
  });
};
