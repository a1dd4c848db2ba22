import { SeededRandom } from '@nexus/testing';
import { type BytesReport } from './bytes.js';
import { type MeasuredCluster } from './measured-cluster.js';
import { quantile } from './quantile.js';

export interface SpreadReport {
  readonly updates: number;
  /** Rounds from the change until the last member knew it. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** That some member never came to know. */
  readonly lost: number;
  /** By the rounds since the change: the mean share of the members that know it. */
  readonly shares: readonly number[];
  readonly bytes: BytesReport;
}

interface SpreadOptions {
  readonly updates: number;
  /** Changes a round, over all members. */
  readonly updatesPerRound: number;
  readonly urgent: boolean;
  /** Rounds given to the last change. */
  readonly roundsMax: number;
  readonly progress?: (text: string) => void;
}

interface Update {
  readonly atMs: number;
  /** Of each arrival, in rounds since the change. */
  readonly arrivals: number[];
}

/** How fast changes reach everybody, in a cluster that has formed. */
export function measureSpread(measured: MeasuredCluster, options: SpreadOptions): SpreadReport {
  const { updates: count, updatesPerRound, urgent, roundsMax, progress } = options;
  const { cluster, roundMs, hosts } = measured;
  const { timeline } = cluster.context;
  const random = new SeededRandom(measured.options.seed).fork(`updates/${urgent}`);
  const updates = new Map<string, Update>();
  // The next change of the same key comes when this one has had all its time: one that is overtaken reaches nobody else.
  const keys = Math.ceil(updatesPerRound * roundsMax);
  const change = (number: number): void => {
    const value = `update ${number}${urgent ? '!' : ''}`;
    updates.set(value, { atMs: timeline.nowMs, arrivals: [] });
    random.pick(hosts).change({ kind: 'put', key: `key${number % keys}`, value, urgent });
  };
  const end = measured.listen((_, __, { changes }) => {
    for (const learnt of changes) {
      const update = learnt.kind === 'key' && learnt.value !== null ? updates.get(learnt.value) : undefined;
      if (!update) continue;
      update.arrivals.push((timeline.nowMs - update.atMs) / roundMs);
    }
  });
  measured.bytes.reset();
  // One after another, none at the same time as the next.
  for (let number = 0; number < count; number++)
    timeline.after((random.between(number, number + 1) / updatesPerRound) * roundMs, () => change(number));
  const rounds = Math.ceil(count / updatesPerRound) + roundsMax;
  for (let round = 1; round <= rounds; round++) {
    measured.run(1);
    progress?.(`round ${round} of ${rounds}`);
    if (updates.size === count && all([...updates.values()], hosts.length)) break;
  }
  end();
  return reportOf([...updates.values()], hosts.length, measured.bytes.report);
}

const all = (updates: readonly Update[], members: number): boolean =>
  updates.every(({ arrivals }) => arrivals.length >= members);

function reportOf(updates: readonly Update[], members: number, bytes: BytesReport): SpreadReport {
  const complete = updates.filter(({ arrivals }) => arrivals.length >= members);
  const rounds = complete.map(({ arrivals }) => Math.max(...arrivals));
  const last = Math.ceil(Math.max(0, ...rounds));
  const shares = Array.from({ length: last + 1 }, (_, round) => {
    const known = updates.map(({ arrivals }) => arrivals.filter((after) => after <= round).length / members);
    return known.reduce((sum, share) => sum + share, 0) / Math.max(1, updates.length);
  });
  return {
    updates: updates.length,
    ...{ p50: quantile(rounds, 0.5), p99: quantile(rounds, 0.99), max: quantile(rounds, 1) },
    ...{ lost: updates.length - complete.length, shares, bytes },
  };
}
