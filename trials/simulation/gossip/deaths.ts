import { SeededRandom } from '@nexus/testing';
import { type MeasuredCluster } from './measured-cluster.js';
import { quantile } from './quantile.js';

export interface DeathsReport {
  readonly deaths: number;
  /** Rounds from a death until the first member suspected it. */
  readonly firstSuspicionP50: number;
  /** Rounds from a death until a member called it dead: over all members and deaths. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Members that never noticed. */
  readonly missed: number;
  /** Members called dead that were alive. */
  readonly falseDeaths: number;
  /** Of the first death, by the rounds since: the share of the members that know. */
  readonly shares: readonly number[];
}

/** How soon the death of members is noticed: one after another, each at a moment of its own. */
export function measureDeaths(measured: MeasuredCluster, deaths: number, roundsMax: number): DeathsReport {
  const { cluster, roundMs, hosts } = measured;
  const { timeline } = cluster.context;
  const random = new SeededRandom(measured.options.seed).fork('deaths');
  const victims = new Map<
    string,
    { readonly atMs: number; suspected: number | null; readonly noticed: number[] }
  >();
  let falseDeaths = 0;
  const end = measured.listen((_, __, { changes }) => {
    for (const change of changes) {
      if (change.kind === 'key') continue;
      const victim = victims.get(change.id);
      if (change.kind === 'suspected' && victim)
        victim.suspected ??= (timeline.nowMs - victim.atMs) / roundMs;
      if (change.kind !== 'gone') continue;
      if (victim) victim.noticed.push((timeline.nowMs - victim.atMs) / roundMs);
      else falseDeaths++;
    }
  });
  for (const host of random.shuffled(hosts).slice(0, deaths)) {
    measured.run(random.next());
    victims.set(host.id, { atMs: timeline.nowMs, suspected: null, noticed: [] });
    host.crash();
  }
  measured.run(roundsMax);
  end();
  const survivors = hosts.length - deaths;
  const noticed = [...victims.values()].flatMap((victim) => victim.noticed);
  const [first] = victims.values();
  const last = Math.ceil(Math.max(0, ...(first?.noticed ?? [])));
  return {
    deaths,
    firstSuspicionP50: quantile(
      [...victims.values()].flatMap(({ suspected }) => suspected ?? []),
      0.5,
    ),
    ...{ p50: quantile(noticed, 0.5), p99: quantile(noticed, 0.99), max: quantile(noticed, 1), falseDeaths },
    missed: [...victims.values()].reduce(
      (sum, victim) => sum + Math.max(0, survivors - victim.noticed.length),
      0,
    ),
    shares: Array.from(
      { length: last + 1 },
      (_, round) => (first?.noticed ?? []).filter((after) => after <= round).length / survivors,
    ),
  };
}
