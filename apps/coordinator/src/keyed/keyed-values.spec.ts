import { describe, expect, it } from '@jest/globals';
import { type Key, memberIdSchema, type MemberKind } from '@nexus/contracts';
import { KeyedValues } from './keyed-values.js';
import { toldKeyOf } from './told.js';

interface Neighbour {
  readonly kind: MemberKind;
  readonly service?: string;
}

const neighbours: Readonly<Record<string, Neighbour>> = {
  'coordinator-2': { kind: 'service', service: 'coordinator' },
  'gossip-1': { kind: 'service', service: 'gossip' },
  'agent-1': { kind: 'agent' },
};
const told = { channel: 'all', sender: 'coordinator-2.abcdefgh', sequence: 3 };

/** Everybody publishes the same: that it told the whole fleet. */
function scene(): KeyedValues {
  const mesh = {
    id: memberIdSchema.parse('coordinator-1'),
    put: () => undefined,
    remove: () => undefined,
    get: (_memberId: string, key: string) => (key === toldKeyOf('mode') ? told : undefined),
    lifeOf: (memberId: string) => {
      const neighbour = neighbours[memberId];
      return neighbour && { kind: neighbour.kind, generation: 1 };
    },
    serviceOf: (memberId: string) => neighbours[memberId]?.service,
  };
  const none = { key: 'mode' as Key, values: [], clock: {}, conflict: false };
  return new KeyedValues({ put: () => none, get: () => undefined, on: () => () => undefined }, mesh);
}

describe('the values of shared keys', () => {
  it('were told where a coordinator says so, and nobody else', () => {
    const values = scene();
    const said = Object.keys(neighbours).map((memberId) => values.toldBy(memberId, 'mode'));
    expect(said).toEqual([told, undefined, undefined]);
    expect(values.toldBy('forgotten', 'mode')).toBeUndefined();
  });

  it("are a service's by what the gossip knows of who put them", () => {
    const values = scene();
    const of = [...Object.keys(neighbours), 'forgotten'].map((memberId) => values.isOfService(memberId));
    expect(of).toEqual([true, true, false, false]);
  });
});
