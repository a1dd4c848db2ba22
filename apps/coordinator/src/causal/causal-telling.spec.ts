import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  channelSchema,
  type Clock,
  coordinateRequestSchema,
  keySchema,
  memberIdSchema,
  NexusError,
  parse,
  type SharedKey,
  userIdSchema,
} from '@nexus/contracts';
import { newCoordinationId } from '../coordination/coordination-id.js';
import { Coordination } from '../coordination/coordination.js';
import { Deadline } from '../coordination/deadline.js';
import { EventClock } from '../coordination/event-clock.js';
import { noParts } from '../coordination/part-sink.js';
import { type Targets } from '../fleet/fleet.js';
import { KeyedValues } from '../keyed/keyed-values.js';
import { toldKeyOf } from '../keyed/told.js';
import { type GoalOf } from '../ladder/layer.js';
import { CausalBroadcasts } from './causal-broadcasts.js';
import { CausalTelling } from './causal-telling.js';

const self = memberIdSchema.parse('coordinator-1');
const all = channelSchema.parse('all');

/** The keys of one member, of which there is room for so many; what it shares among them. */
class Keys {
  readonly id = self;
  private readonly stored = new Map<string, unknown>();

  constructor(private readonly keysMax: number) {}

  readonly shared = {
    put: (key: string, value: unknown, _options: { readonly clock?: Clock | undefined }): SharedKey => {
      this.put(`s/${key}`, value);
      return this.shared.get(key)!;
    },
    get: (key: string): SharedKey | undefined => {
      const value = this.stored.get(`s/${key}`);
      if (value === undefined) return undefined;
      const values = [{ value, by: this.id, clock: {} }];
      return { key: keySchema.parse(key), values, clock: {}, conflict: false };
    },
    on: () => () => undefined,
  };

  put(key: string, value: unknown): void {
    if (!this.stored.has(key) && this.stored.size >= this.keysMax) {
      throw new NexusError('overloaded', `${key}: no room for another`);
    }
    this.stored.set(key, value);
  }

  remove(key: string): void {
    this.stored.delete(key);
  }

  lifeOf() {
    return { kind: 'service' as const, generation: 1 };
  }

  serviceOf() {
    return 'coordinator';
  }

  get(_member: string, key: string): unknown {
    return this.stored.get(key);
  }

  get names(): string[] {
    return [...this.stored.keys()].sort();
  }
}

const targets: Targets = {
  ...{ agents: [], unknown: [], selector: { all: true }, routes: { version: 1, ageMs: 0 } },
};

const putting = (key: string, payload: unknown) =>
  new Coordination<GoalOf<'broadcast'>>({
    ...{ id: newCoordinationId(), user: parse(userIdSchema, 'user', 'user'), targets },
    request: parse(
      coordinateRequestSchema,
      { agents: { all: true }, goal: { type: 'broadcast', ordering: 'causal', key, payload } },
      'request',
    ) as Coordination<GoalOf<'broadcast'>>['request'],
    ...{ deadline: new Deadline(1_000), clock: {}, traceId: '0'.repeat(32), parts: noParts },
  });

describe('a broadcast that shares a value', () => {
  let broadcasts: CausalBroadcasts;
  const drops = { refusedCausal: 0 };

  beforeEach(() => {
    const fleet = { select: () => [] };
    const believing = { isKnown: () => true, isCredible: () => true };
    broadcasts = new CausalBroadcasts({ nodeId: self, fleet, ...believing, drops });
  });

  const tell = (keys: Keys, key: string, payload: unknown) => {
    const clock = new EventClock({
      ...{ incarnation: `${self}-0123456789`, isKnown: () => true, isCredible: () => true, drops },
    });
    const line = {
      demandConnection: () => undefined,
      writer: () => () => ({ bytes: new Uint8Array(3), encoding: 'json' as const }),
    };
    const telling = new CausalTelling({
      line,
      broadcasts,
      clock,
      values: new KeyedValues(keys.shared, keys),
    });
    const told = telling.prepare(putting(key, payload), { kind: 'broadcast', payload });
    told.write();
    return told.told();
  };

  it('says beside the value which place it has', () => {
    const keys = new Keys(4);
    tell(keys, 'one', 1);
    const { causal } = tell(keys, 'one', 2);
    expect(causal?.broadcast).toEqual({ channel: all, sequence: 2 });
    expect(keys.get(self, toldKeyOf('one'))).toEqual({ channel: all, sender: broadcasts.self, sequence: 2 });
  });

  it.each([
    ['the value', 3],
    ['how it is told', 2],
  ])('takes no place, and leaves nothing behind, when there is no room for %s', (_what, keysMax) => {
    const keys = new Keys(keysMax);
    tell(keys, 'one', 1);
    const before = keys.names;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(() => tell(keys, 'two', 2)).toThrow(expect.objectContaining({ code: 'overloaded' }));
    }
    expect(keys.names).toEqual(before);
    expect(broadcasts.upcoming(all).sequence).toBe(2);
  });
});
