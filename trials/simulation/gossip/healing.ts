import { SeededRandom } from '@nexus/testing';
import { type MeasuredCluster } from './measured-cluster.js';

export interface HealingReport {
  /** Rounds that the halves were apart. */
  readonly apartRounds: number;
  /** Rounds from the end of the partition until everybody knew the same of everybody alive; null: never. */
  readonly equalAfterRounds: number | null;
  /** And until everybody said so. */
  readonly convergedAfterRounds: number | null;
  /** While they were apart: how often somebody called the whole converged who knew of an unreachable member. */
  readonly falselyConverged: number;
  /** By the rounds since the end: the share of the members that know all that was changed. */
  readonly shares: readonly number[];
}

/** Cuts the cluster in two halves, lets both change, and joins them again. */
export function measureHealing(
  measured: MeasuredCluster,
  apartRounds: number,
  roundsMax: number,
): HealingReport {
  const { cluster, hosts } = measured;
  const random = new SeededRandom(measured.options.seed).fork('partition');
  const shuffled = random.shuffled(hosts);
  const half = shuffled.slice(0, Math.floor(hosts.length / 2));
  const others = shuffled.slice(half.length);
  const ends = half.flatMap(({ id: from }) =>
    others.flatMap(({ id: to }) => [
      cluster.network.cut({ from, to }),
      cluster.network.cut({ from: to, to: from }),
    ]),
  );
  for (const [side, members] of [half, others].entries())
    random.pick(members).change({ kind: 'put', key: 'side', value: `${side}`, urgent: false });
  let falselyConverged = 0;
  for (let round = 0; round < apartRounds; round++) {
    measured.run(1);
    // As soon as anybody of the other side may be missed, nobody may say that all agree.
    for (const host of hosts)
      if (
        host.convergence?.converged &&
        host.views.some(({ status }) => status === 'suspected' || status === 'dead')
      )
        falselyConverged++;
  }
  ends.forEach((end) => end());
  const shares: number[] = [knowing(measured)];
  let equalAfterRounds: number | null = null;
  let convergedAfterRounds: number | null = null;
  for (let round = 1; round <= roundsMax && convergedAfterRounds === null; round++) {
    measured.run(1);
    shares.push(knowing(measured));
    if (shares.at(-1) === 1) equalAfterRounds ??= round;
    if (equalAfterRounds !== null && hosts.every(({ convergence }) => convergence?.converged))
      convergedAfterRounds = round;
  }
  return { apartRounds, equalAfterRounds, convergedAfterRounds, falselyConverged, shares };
}

/** The share of the members that know everybody as alive, and as far as each of them has come. */
function knowing({ hosts }: MeasuredCluster): number {
  const versions = new Map(
    hosts.map((host) => [host.id, host.views.find(({ id }) => id === host.id)?.maxVersion]),
  );
  const know = hosts.filter(({ views }) => {
    const alive = views.filter(({ status }) => status === 'alive');
    return (
      alive.length === hosts.length && alive.every(({ id, maxVersion }) => versions.get(id) === maxVersion)
    );
  });
  return know.length / hosts.length;
}
