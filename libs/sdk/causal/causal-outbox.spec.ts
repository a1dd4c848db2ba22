import { describe, expect, it } from '@jest/globals';
import { agentMessageSchema, type Frontiers as FrontiersOnWire } from '@nexus/contracts';
import { type Channel, type Frontier, type Frontiers, type SenderId } from '@nexus/core/causality';
import { decodeBody } from '@nexus/wire';
import { newStats } from '../agent/agent-events.js';
import { AgentClock } from './agent-clock.js';
import { newBroadcastStore } from './broadcast-store.js';
import { CausalOutbox } from './causal-outbox.js';
import { stampLetter } from './stamping.js';

const life = (id: string): SenderId => `${id}.aaaaaaaa`;
const self = life('me');
const frontier = (of: Readonly<Record<string, number>>): Frontier =>
  new Map(Object.entries(of).map(([id, sequence]) => [life(id), sequence]));
const all = (of: Readonly<Record<string, number>>): Frontiers => new Map([['all', frontier(of)]]);
const sizeOf = (frontiers: FrontiersOnWire): number =>
  Object.values(frontiers).reduce((sum, each) => sum + Object.keys(each).length, 0);

function outboxOf() {
  const delivered = new Map<Channel, Frontier>([['all', new Map()]]);
  const published: unknown[] = [];
  const stats = newStats();
  const store = newBroadcastStore();
  const outbox = new CausalOutbox({
    self,
    clock: new AgentClock(self, { hears: () => false }),
    delivered: () => delivered,
    stats,
    line: {
      prefix: 'nexus',
      connection: {
        connected: true,
        publish: (subject, body) => void published.push([subject, decodeBody(body)]),
      },
      store,
      repairs: { answerAs: () => () => undefined, answerForOthers: () => undefined },
      syncs: { silent: false, answerFor: () => () => undefined },
    },
  });
  return { outbox, delivered, published, stats, store };
}

const letterOf = (payload: unknown) => ({
  ...agentMessageSchema.parse({
    ...{ coordinationId: 'x', kind: 'broadcast', payload, budgetMs: 1_000, attempt: 1, from: 'me' },
  }),
  bytesMax: 64 * 1_024,
});

const broadcastOf = (id: string, sequence: number, after: Frontiers = new Map()) => ({
  sender: life(id),
  broadcast: { channel: 'all', sequence },
  after,
});

describe('CausalOutbox', () => {
  it('believes a sender about itself, whatever others made of it before', () => {
    const { outbox, delivered } = outboxOf();
    outbox.delivered(broadcastOf('mallory', 1, all({ victim: 900_000 })));
    outbox.delivered(broadcastOf('victim', 7, all({ victim: 6 })));
    delivered.set('all', frontier({ mallory: 1, victim: 7 }));
    const { stamp } = outbox.broadcast('all');
    outbox.close();
    expect(stamp.after.get('all')!.get(life('victim'))).toBe(7);
  });

  it('believes it about itself also where it was told before what it had sent', () => {
    const { outbox, delivered, stats } = outboxOf();
    outbox.delivered(broadcastOf('victim', 7));
    delivered.set('all', frontier({ victim: 7 }));
    expect(outbox.frontiers).toEqual({ all: { [life('victim')]: 7 } });
    outbox.delivered(broadcastOf('mallory', 1, all({ victim: 900_000 })));
    expect(outbox.frontiers).toMatchObject({ all: { [life('victim')]: 7 } });
    expect(stats.unbelieved).toBe(1);
  });

  it('is not muted by thousands of senders that do not exist, and carries few of them on', () => {
    const { outbox, delivered, stats } = outboxOf();
    const ghosts = Array.from({ length: 1_000 }, (_, each) => [`ghost-${each}`, 5] as const);
    const haunted = frontier(Object.fromEntries(ghosts));
    const names = ['all', ...Array.from({ length: 16 }, (_, each) => `group.x-${each}`)];
    const after: Frontiers = new Map(names.map((channel) => [channel, haunted]));
    for (let sequence = 1; sequence <= 3; sequence += 1) {
      outbox.delivered(broadcastOf('mallory', sequence, after));
    }
    delivered.set('all', frontier({ mallory: 3, honest: 2 }));
    const seen = outbox.frontiers as Readonly<Record<string, Readonly<Record<string, number>>>>;
    expect(sizeOf(outbox.frontiers)).toBeLessThanOrEqual(2 + 256 + 256);
    expect(stats.unbelieved).toBeGreaterThan(15_000);
    expect(seen['all']).toMatchObject({ [life('mallory')]: 3, [life('honest')]: 2 });
    const { message, body } = stampLetter(outbox, 'all', letterOf('still here'));
    outbox.close();
    expect(message.causal).toMatchObject({ broadcast: { channel: 'all', sequence: 1 } });
    expect(body.length).toBeLessThan(64 * 1_024);
  });

  it('keeps a broadcast from when it counts as sent, also on a channel that the agent does not belong to', () => {
    const { outbox, store } = outboxOf();
    const { body } = stampLetter(outbox, 'group.others', letterOf('kept'));
    stampLetter(outbox, undefined, letterOf('to single agents'));
    outbox.close();
    const asked = { channel: 'group.others', sender: self, from: 1, to: 9, countMax: 9, bytesMax: 9_999 };
    const { messages, keptFrom } = store.range(asked, performance.now());
    expect([messages.map((kept) => kept.read()), keptFrom]).toEqual([[decodeBody(body)], 1]);
    expect([store.size, store.bytes]).toEqual([1, body.length]);
  });

  it('tells how far it came when it ends, and nothing where it sent nothing', () => {
    const silent = outboxOf();
    silent.outbox.delivered(broadcastOf('other', 1));
    silent.outbox.close();
    expect(silent.published).toEqual([]);
    const { outbox, published } = outboxOf();
    outbox.broadcast('all');
    outbox.broadcast('all');
    outbox.broadcast('group.g');
    outbox.close();
    const told = { sender: self, channels: { all: 2, 'group.g': 1 } };
    expect(published).toEqual([['nexus.causal.frontier.me', told]]);
  });
});
