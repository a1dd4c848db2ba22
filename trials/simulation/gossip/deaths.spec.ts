import { describe, expect, it } from '@jest/globals';
import { type Change, GossipMember } from '@nexus/core/gossip';
import { measureDeaths } from './deaths.js';
import { MeasuredCluster } from './measured-cluster.js';

/** So many that the last die only after the first are noticed. */
const nodes = 48;
const deaths = 40;

const measure = (member: typeof GossipMember) => {
  const measured = new MeasuredCluster({ nodes, loss: 0, seed: 1, member });
  measured.introduce();
  return { report: measureDeaths(measured, deaths, 40), measured };
};

describe('measuring deaths', () => {
  it('counts who outlives them all, also where most die', () => {
    const { missed, falseDeaths, shares } = measure(GossipMember).report;
    expect({ missed, falseDeaths, atLast: shares.at(-1) }).toEqual({
      ...{ missed: 0, falseDeaths: 0, atLast: 1 },
    });
    expect(Math.max(...shares)).toBe(1);
  });

  it('hides nobody who does not notice behind those who did and died', () => {
    const isBlind = (id: string) => Number(id.slice(1)) % 2 === 0;
    /** Every other one tells of no death. */
    class Blind extends GossipMember {
      override step(...args: Parameters<GossipMember['step']>) {
        const effects = super.step(...args);
        if (!isBlind(this.self.id)) return effects;
        return { ...effects, changes: effects.changes.filter(({ kind }) => kind !== 'gone') };
      }
    }
    const { report, measured } = measure(Blind);
    const survivors = measured.hosts.filter(({ life }) => life !== null);
    const blind = survivors.filter(({ id }) => isBlind(id));
    expect(blind.length).toBeGreaterThan(0);
    expect(report.missed).toBe(blind.length * deaths);
    expect(report.shares.at(-1)).toBe((survivors.length - blind.length) / survivors.length);
  });

  it('counts nobody twice who takes a death back and notices it again', () => {
    /** Tells of each death, takes it back, and tells of it again. */
    class Wavering extends GossipMember {
      override step(...args: Parameters<GossipMember['step']>) {
        const effects = super.step(...args);
        const changes = effects.changes.flatMap((change): Change[] =>
          change.kind === 'gone'
            ? [change, { kind: 'recovered', id: change.id, generation: change.generation }, change]
            : [change],
        );
        return { ...effects, changes };
      }
    }
    const { missed, shares } = measure(Wavering).report;
    expect([missed, Math.max(...shares)]).toEqual([0, 1]);
  });
});
