import { beforeEach, describe, expect, it } from '@jest/globals';
import { channelSchema, frontiersSchema, type Frontiers, senderFrontierSchema } from '@nexus/contracts';
import { idOfName } from '../peers/known-names.js';
import { Strangers } from '../peers/strangers.js';
import { CausalBroadcasts } from './causal-broadcasts.js';

const groupOf = (name: number | string) => channelSchema.parse(`group.g${name}`);
const group = groupOf('x');
const other = 'coordinator-2.aaaaaaaa';
const seen = (sequence: number, sender = other): Frontiers =>
  frontiersSchema.parse({ [group]: { [sender]: sequence } });
const saying = (sequence: number, sender = other) =>
  senderFrontierSchema.parse({ sender, channels: { [group]: sequence } });

describe('what a coordinator knows to have been sent', () => {
  let drops: { refusedCausal: number };
  let broadcasts: CausalBroadcasts;

  beforeEach(() => {
    drops = { refusedCausal: 0 };
    const strangers = new Strangers();
    const isKnown = (name: string) => /^(agent|coordinator)-\d+$/.test(idOfName(name));
    const isCredible = (name: string) => isKnown(name) || strangers.admit(idOfName(name));
    const fleet = { select: () => [{ agentId: 'a' as never }] };
    broadcasts = new CausalBroadcasts({ nodeId: 'coordinator-1', fleet, isKnown, isCredible, drops });
  });

  const nextAfter = () => new Map(broadcasts.next(group).after.get(group));
  const ofOther = () => nextAfter().get(other);

  it('has room for what a caller saw on the group it tells, however many groups there are', () => {
    for (let at = 0; at < 500; at += 1) broadcasts.next(groupOf(at));
    broadcasts.demand(seen(1), group);
    expect([ofOther(), drops.refusedCausal]).toEqual([1, 0]);
    const { after } = broadcasts.next(group);
    expect(after.size).toBe(64);
    expect(after.has(groupOf(499))).toBe(true);
    expect(Object.keys(broadcasts.frontiers(groupOf(0)))).toContain(groupOf(0));
    expect(frontiersSchema.safeParse(broadcasts.frontiers(groupOf(0))).success).toBe(true);
  });

  it('has room for it beside all senders that answers told of, and says so when it has none', () => {
    for (let at = 0; at < 600; at += 1) broadcasts.observe(seen(3, `agent-${at}.aaaaaaaa`));
    expect(drops.refusedCausal).toBe(88);
    broadcasts.demand(seen(1), group);
    expect(ofOther()).toBe(1);
    const demandAll = () => {
      for (let at = 600; at < 1_200; at += 1) broadcasts.demand(seen(3, `agent-${at}.aaaaaaaa`), group);
    };
    expect(demandAll).toThrow(expect.objectContaining({ code: 'overloaded' }));
  });

  it('comes after nothing that a sender merely says of itself', () => {
    for (let at = 0; at < 500; at += 1) {
      broadcasts.observeSender(saying(Number.MAX_SAFE_INTEGER, `ghost-${at}.aaaaaaaa`));
    }
    broadcasts.observeSender(saying(7));
    expect(nextAfter().size).toBe(0);
    expect(drops.refusedCausal).toBe(500);
    // None of them took the place of somebody who has just started.
    broadcasts.observe(seen(2, 'newcomer.aaaaaaaa'));
    expect(nextAfter().get('newcomer.aaaaaaaa')).toBe(2);
  });

  it('believes no more of a sender than it says of itself, and a little', () => {
    broadcasts.observeSender(saying(7));
    broadcasts.demand(seen(500_007), group);
    expect([ofOther(), drops.refusedCausal]).toEqual([7, 1]);
    broadcasts.demand(seen(9), group);
    expect(ofOther()).toBe(9);
  });

  it('gives no broadcast away when there is no room to send it', () => {
    broadcasts.keep(broadcasts.next(group), new Uint8Array(200_000));
    const asked = { channel: group, sender: broadcasts.self, from: 1, to: 1 };
    expect(broadcasts.repair(asked, -5_000_000).messages).toHaveLength(0);
    expect(broadcasts.repair(asked, 1_000).messages).toHaveLength(1);
  });
});
