import { type MemberId } from '@nexus/core/gossip';
import { SeededRandom } from '@nexus/testing';
import { type MeasuredCluster } from './measured-cluster.js';
import { quantile } from './quantile.js';

export interface DeathsReport {
  readonly deaths: number;
  /** Rounds from a death until the first member suspected it. */
  readonly firstSuspicionP50: number;
  /** Rounds from a death until a member called it dead: over all deaths and all members that outlived them all. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How often one of those did not notice a death, over all deaths. */
  readonly missed: number;
  /** Members called dead that were alive. */
  readonly falseDeaths: number;
  /** Of the first death, by the rounds since: the share of those members that know. */
  readonly shares: readonly number[];
}

interface Victim {
  readonly atMs: number;
  suspectedAfter: number | null;
  /** By observer, the rounds until it called the victim dead, and has not taken it back since. */
  readonly noticedAfter: Map<MemberId, number>;
}

/** How soon the death of members is noticed: one after another, each at a moment of its own. */
export function measureDeaths(measured: MeasuredCluster, deaths: number, roundsMax: number): DeathsReport {
  const { cluster, roundMs, hosts } = measured;
  const { timeline } = cluster.context;
  const random = new SeededRandom(measured.options.seed).fork('deaths');
  const victims = new Map<MemberId, Victim>();
  let falseDeaths = 0;
  const end = measured.listen((observer, _, { changes }) => {
    for (const change of changes) {
      if (change.kind === 'key') continue;
      const victim = victims.get(change.id);
      if (!victim) {
        if (change.kind === 'gone') falseDeaths++;
        continue;
      }
      const after = (timeline.nowMs - victim.atMs) / roundMs;
      if (change.kind === 'suspected') victim.suspectedAfter ??= after;
      else if (change.kind === 'gone') victim.noticedAfter.set(observer, after);
      else victim.noticedAfter.delete(observer);
    }
  });
  for (const host of random.shuffled(hosts).slice(0, deaths)) {
    measured.run(random.next());
    victims.set(host.id, { atMs: timeline.nowMs, suspectedAfter: null, noticedAfter: new Map() });
    host.crash();
  }
  measured.run(roundsMax);
  end();
  return { deaths, falseDeaths, ...reportOf([...victims.values()], survivorsOf(measured)) };
}

const survivorsOf = ({ hosts }: MeasuredCluster): MemberId[] =>
  hosts.flatMap(({ id, life }) => (life === null ? [] : [id]));

/** Of those that were there from the first death to the end: who dies as well cannot be expected to notice. */
function reportOf(
  victims: readonly Victim[],
  survivors: readonly MemberId[],
): Omit<DeathsReport, 'deaths' | 'falseDeaths'> {
  const noticed = victims.map(({ noticedAfter }) => survivors.flatMap((id) => noticedAfter.get(id) ?? []));
  const all = noticed.flat();
  const first = noticed[0] ?? [];
  return {
    firstSuspicionP50: quantile(
      victims.flatMap(({ suspectedAfter }) => suspectedAfter ?? []),
      0.5,
    ),
    ...{ p50: quantile(all, 0.5), p99: quantile(all, 0.99), max: quantile(all, 1) },
    missed: victims.length * survivors.length - all.length,
    shares: Array.from(
      { length: Math.ceil(Math.max(0, ...first)) + 1 },
      (_, round) => first.filter((after) => after <= round).length / survivors.length,
    ),
  };
}
