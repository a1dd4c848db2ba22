import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Lane } from './lane.js';
import { LeastLoaded } from './least-loaded.js';
import type { WorkUnit } from './work-unit.js';

const unit = (): WorkUnit => ({
  index: 0,
  attempts: 0,
  agentId: '',
  place: { kind: 'nowhere' },
  failedBy: new Set(),
});

describe('LeastLoaded', () => {
  it('picks what a scan of all lanes would pick, whatever was added, removed and loaded', () => {
    const steps = fc.array(
      fc.record({ verb: fc.constantFrom('toggle', 'load', 'turn'), at: fc.nat({ max: 19 }) }),
    );
    fc.assert(
      fc.property(steps, fc.uniqueArray(fc.nat({ max: 19 })), (script, excludedIndexes) => {
        const lanes = Array.from({ length: 20 }, (_, turn) => new Lane(`agent-${turn}`, { window: 1, turn }));
        const ranking = new LeastLoaded();
        const ranked = new Set<Lane>();
        let turns = lanes.length;
        for (const { verb, at } of script) {
          const lane = lanes[at]!;
          if (verb === 'load') lane.enqueue(unit());
          if (verb === 'turn') lane.turn = turns++;
          if (verb !== 'toggle') ranking.update(lane);
          else if (ranked.delete(lane)) ranking.remove(lane);
          else {
            ranked.add(lane);
            ranking.add(lane);
          }
        }
        const excluded = new Set(excludedIndexes.map((index) => lanes[index]!.life));
        const [expected] = [...ranked]
          .filter(({ life }) => !excluded.has(life))
          .sort((a, b) => a.outstanding - b.outstanding || a.turn - b.turn);
        expect(ranking.pick(excluded)).toBe(expected);
        expect(ranking.pick(excluded)).toBe(expected); // a pick changes nothing
      }),
    );
  });
});
