import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CausalRepairReply,
  type CausalStamp,
  type Frontiers,
  type SenderFrontier,
} from '@nexus/contracts';
import { eventually } from '@nexus/testing';
import { pack } from 'msgpackr';
import { type Body, type Delivery } from '../support/scripted-fleet.js';
import { ServiceFigures } from '../support/service-figures.js';
import { acknowledge, type CausalScene, seenIn, stampOf, startCausalScene } from './causal-scene.js';

const channel = 'group.workers';
const acknowledged = { delivery: 'acknowledged' };

let scene: CausalScene;
let figures: ServiceFigures;
/** What agents say to have seen, beside every answer. */
let said: Body = {};
const frontiersTold: { readonly subject: string; readonly frontier: SenderFrontier }[] = [];

beforeAll(async () => {
  scene = await startCausalScene();
  figures = new ServiceFigures(scene.nats, 'nexus-coordinator', 2);
  for (const agentId of ['a', 'b', 'c']) {
    await scene.fleet.join(agentId, (delivery) => acknowledge(delivery, said), { groups: ['workers'] });
  }
  scene.nats.subscribe('nexus.causal.frontier.*', {
    callback: (_error, message) =>
      void frontiersTold.push({ subject: message.subject, frontier: message.json<SenderFrontier>() }),
  });
});

afterAll(() => scene.stop());

const sequenceOf = ({ broadcast }: CausalStamp) => broadcast!.sequence;
const nodeOf = ({ sender }: CausalStamp) => sender.split('.')[0]!;
const toldInOrder = (agentId: string) =>
  scene.fleet.to(agentId).filter(({ body }) => (body['causal'] as CausalStamp | undefined)?.broadcast);

const repair = async (stamp: CausalStamp, from: number, to: number) => {
  const request = { channel, sender: stamp.sender, from, to };
  const reply = await scene.nats.request(`nexus.causal.repair.${nodeOf(stamp)}`, JSON.stringify(request));
  return reply.json<CausalRepairReply & { messages: Body[] }>();
};

describe('broadcasts in causal order', () => {
  it('have one order a coordinator, in which every agent is sent them, however many come at once', async () => {
    const told = await Promise.all(
      Array.from({ length: 60 }, (_, n) => scene.tell({ payload: n, ...(n % 2 === 0 && acknowledged) })),
    );
    const senders = new Set(told.map(({ stamp }) => stamp.sender));
    expect(senders.size).toBe(2);
    await eventually('all have arrived', () =>
      ['a', 'b', 'c'].every((agentId) => toldInOrder(agentId).length === 60),
    );
    for (const agentId of ['a', 'b', 'c']) {
      for (const sender of senders) {
        const stamps = toldInOrder(agentId).map(stampOf);
        const sequences = stamps.filter((stamp) => stamp.sender === sender).map(sequenceOf);
        expect(sequences).toEqual(sequences.map((_, at) => at + 1));
      }
    }
  });

  it('come after what their caller has seen, whichever coordinator told that', async () => {
    let before = await scene.tell();
    const senders = new Set<string>();
    for (let n = 0; n < 20; n += 1) {
      const next = await scene.tell({ after: before.result['frontiers'] });
      const seen = seenIn(next.stamp.after, channel, before.stamp.sender);
      expect(seen).toBeGreaterThanOrEqual(sequenceOf(before.stamp));
      senders.add(next.stamp.sender);
      before = next;
    }
    expect(senders.size).toBe(2);
  });

  it('come after what agents said to have delivered', async () => {
    const first = await scene.tell();
    said = { frontiers: { [channel]: { [first.stamp.sender]: sequenceOf(first.stamp) } } };
    // Nobody says so in `after`: coordinators learn it from the answers alone.
    const other = await eventually('the other coordinator is asked', async () => {
      const { stamp } = await scene.tell(acknowledged);
      return stamp.sender !== first.stamp.sender && stamp;
    });
    const later = await eventually('it is asked again', async () => {
      const { stamp } = await scene.tell();
      return stamp.sender === other.sender && stamp;
    });
    said = {};
    expect(seenIn(later.after, channel, first.stamp.sender)).toBeGreaterThanOrEqual(sequenceOf(first.stamp));
  });

  it('carry a clock that comes after those before, and so does the reply', async () => {
    const { reply, stamp } = await scene.tell(acknowledged);
    const [delivery] = toldInOrder('a')
      .filter((each) => stampOf(each).sender === stamp.sender)
      .slice(-1);
    const name = Object.keys(delivery!.body['clock'] as Body).find((each) => each.startsWith(nodeOf(stamp)))!;
    const [inMessage, inReply] = [delivery!.body['clock'], reply['clock']] as Record<string, number>[];
    expect(inReply![name]).toBeGreaterThan(inMessage![name]!);
  });

  it('to named agents stand in no sequence', async () => {
    const before = await scene.tell();
    const targeted = await scene.tell({}, { agents: { ids: ['a', 'b'] } });
    expect(targeted.stamp.broadcast).toBeUndefined();
    expect(targeted.stamp.after).not.toEqual({});
    const next = await eventually('the same coordinator is asked', async () => {
      const { stamp } = await scene.tell();
      return stamp.sender === before.stamp.sender && stamp;
    });
    const sequences = toldInOrder('c')
      .map(stampOf)
      .filter(({ sender }) => sender === next.sender)
      .map(sequenceOf);
    expect(sequences).toEqual(sequences.map((_, at) => at + 1));
  });

  it('are none of those that ask for no order: these carry no stamp, and take no place', async () => {
    const before = await scene.tell();
    for (const goal of [
      { type: 'broadcast', payload: 'plain' },
      { type: 'gather', payload: 'plain' },
    ]) {
      const { result } = await scene.fleet.coordinate({ agents: { group: 'workers' }, goal });
      expect(Object.keys(result)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/causal|frontiers/)]),
      );
    }
    const plain = scene.fleet.to('a').filter(({ body }) => body['payload'] === 'plain');
    expect(plain.map(({ body }) => Object.keys(body).toSorted().join())).toEqual(
      Array.from({ length: 2 }, () => 'attempt,budgetMs,clock,coordinationId,from,kind,payload'),
    );
    const next = await eventually('the same coordinator is asked', async () => {
      const { stamp } = await scene.tell();
      return stamp.sender === before.stamp.sender && stamp;
    });
    expect(sequenceOf(next)).toBe(sequenceOf(before.stamp) + 1);
  });

  it('have one place for all repeats of a request', async () => {
    const goal = { payload: 'once', after: (await scene.tell()).result['frontiers'] };
    const first = await scene.tell(goal, { requestId: 'once' });
    const { after: _known, ...withoutAfter } = goal;
    const repeat = await scene.tell(withoutAfter, { requestId: 'once' });
    expect(repeat.stamp).toEqual(first.stamp);
    expect(scene.fleet.to('a').filter(({ body }) => body['payload'] === 'once')).toHaveLength(1);
  });

  it('leave no hole when no message can carry one', async () => {
    const payload = '\u0001'.repeat(200_000);
    const goal = { type: 'broadcast', ordering: 'causal', payload };
    const request = { agents: { group: 'workers' }, goal };
    const marks = { 'Content-Type': 'application/msgpack' };
    for (let n = 0; n < 4; n += 1) {
      const reply = await scene.fleet.send('nexus.coordinate', pack(request), marks);
      expect(reply.headers?.get('Nats-Service-Error-Code')).toBe('413');
    }
    await Promise.all(Array.from({ length: 8 }, () => scene.tell()));
    const stamps = await eventually('all have arrived', () => {
      const all = toldInOrder('a').map(stampOf);
      return all.length === toldInOrder('b').length && all;
    });
    for (const sender of new Set(stamps.map((stamp) => stamp.sender))) {
      const sequences = stamps.filter((stamp) => stamp.broadcast && stamp.sender === sender).map(sequenceOf);
      expect(sequences).toEqual(sequences.map((_, at) => at + 1));
    }
  });
});

describe('a sender of broadcasts', () => {
  it('tells unasked how far it has come', async () => {
    const { stamp } = await scene.tell();
    const { subject } = await eventually('its frontier', () =>
      frontiersTold.find(
        ({ frontier }) =>
          frontier.sender === stamp.sender &&
          (frontier.channels as Record<string, number>)[channel]! >= sequenceOf(stamp),
      ),
    );
    expect(subject).toBe(`nexus.causal.frontier.${nodeOf(stamp)}`);
  });

  it('gives what was missed again, as it was sent and in order', async () => {
    const { stamp } = await scene.tell({ payload: 'again' });
    const last = sequenceOf(stamp);
    const { messages, keptFrom } = await repair(stamp, last - 1, last);
    const sent = toldInOrder('a').filter(
      (each) => stampOf(each).sender === stamp.sender && sequenceOf(stampOf(each)) >= last - 1,
    );
    expect(messages).toEqual(sent.map(({ body }: Delivery) => body));
    expect(messages).toHaveLength(2);
    expect(keptFrom).toBeLessThanOrEqual(last - 1);
  });

  it('gives no more than fits one answer, and says that it has nothing of another life', async () => {
    const { stamp } = await scene.tell();
    const all = await repair(stamp, 1, Number.MAX_SAFE_INTEGER);
    expect(all.messages.length).toBeLessThanOrEqual(64);
    const other = { ...stamp, sender: `${nodeOf(stamp)}.00000000` as CausalStamp['sender'] };
    expect(await repair(other, 1, 9)).toEqual({ messages: [], keptFrom: 10 });
  });

  it('says where it stands to who begins to listen', async () => {
    const { stamp, result } = await scene.tell();
    await scene.tell({ after: result['frontiers'] });
    const replies = await scene.nats.requestMany(
      'nexus.causal.sync',
      JSON.stringify({ channels: [channel, 'group.nobody'] }),
      { strategy: 'count', maxMessages: 2, maxWait: 10_000 },
    );
    const standings: { sender: string; frontiers: Frontiers }[] = [];
    for await (const reply of replies) standings.push(reply.json());
    const own = standings.find(({ sender }) => sender === stamp.sender)!;
    expect(seenIn(own.frontiers, channel, stamp.sender)).toBeGreaterThanOrEqual(sequenceOf(stamp));
    expect(standings).toHaveLength(2);
    expect(Object.keys(own.frontiers)).toEqual([channel]);
  });

  it('lets go what all have', async () => {
    const { stamp } = await scene.tell();
    said = { frontiers: { [channel]: { [stamp.sender]: sequenceOf(stamp) } } };
    await eventually('it is let go', async () => {
      await scene.tell(acknowledged);
      const { messages, keptFrom } = await repair(stamp, 1, sequenceOf(stamp));
      return messages.length === 0 && keptFrom! > sequenceOf(stamp);
    });
    said = {};
  });

  it('answers nowhere but in an inbox, and counts what is malformed', async () => {
    const { stamp } = await scene.tell();
    const subject = `nexus.causal.repair.${nodeOf(stamp)}`;
    const [foreign, unread] = await Promise.all([
      figures.dropped('foreignReply'),
      figures.dropped('unanswerable'),
    ]);
    const heard: string[] = [];
    scene.nats.subscribe('nexus.agent.victim', {
      callback: (_error, message) => void heard.push(message.string()),
    });
    const request = JSON.stringify({ channel, sender: stamp.sender, from: 1, to: 9 });
    scene.nats.publish(subject, request, { reply: 'nexus.agent.victim' });
    for (const body of ['{', '{"channel":"x"}', JSON.stringify({ channel, sender: 'x', from: 1, to: 2 })]) {
      scene.nats.publish(subject, body, { reply: '_INBOX.nobody.1' });
      scene.nats.publish('nexus.causal.sync', body, { reply: '_INBOX.nobody.1' });
    }
    await eventually('all is counted', async () => {
      const counts = await Promise.all([figures.dropped('foreignReply'), figures.dropped('unanswerable')]);
      return counts[0] === foreign + 1 && counts[1] >= unread + 9;
    });
    expect(heard).toEqual([]);
  });
});

describe('what agents and callers claim', () => {
  it('is not believed where it cannot be, costs a count, and reaches no stamp and no clock', async () => {
    const { stamp } = await scene.tell();
    const names = scene.stack.coordinators.map(({ nodeId }) => nodeId);
    const hostile = {
      [channel]: { [stamp.sender]: Number.MAX_SAFE_INTEGER },
      'group.nowhere': { [stamp.sender]: 1 },
    };
    const before = await figures.dropped('refusedCausal');
    const clock = Object.fromEntries(names.map((name) => [name, 2 ** 52]));
    said = { clock, frontiers: hostile };
    for (let n = 0; n < 8; n += 1) await scene.tell({ ...acknowledged, after: hostile });
    said = { clock: 'x', frontiers: { [channel]: { a: 1 } } };
    await scene.tell(acknowledged);
    said = {};
    const after = await scene.tell();
    expect(await figures.dropped('refusedCausal')).toBeGreaterThan(before + 8);
    expect(after.stamp.after).not.toHaveProperty(['group.nowhere']);
    expect(sequenceOf(after.stamp)).toBeLessThan(1_000);
    expect(Math.max(...Object.values(after.reply['clock'] as Record<string, number>))).toBeLessThan(10_000);
  });

  it('of itself by a sender whom nobody knows reaches no stamp', async () => {
    const before = await figures.dropped('refusedCausal');
    for (let at = 0; at < 500; at += 1) {
      const frontier = { sender: `ghost-${at}.abcdefgh`, channels: { [channel]: Number.MAX_SAFE_INTEGER } };
      scene.nats.publish(`nexus.causal.frontier.ghost-${at}`, JSON.stringify(frontier));
    }
    await eventually('both have heard all', async () => {
      return (await figures.dropped('refusedCausal')) >= before + 1_000;
    });
    const stamps = await Promise.all(Array.from({ length: 8 }, async () => (await scene.tell()).stamp));
    expect(JSON.stringify(stamps.map(({ after }) => after))).not.toContain('ghost-');
  });

  it('of thousands whom nobody knows is believed for a few alone, who may have started just now', async () => {
    const before = await figures.dropped('refusedCausal');
    const invented = (from: number) => Array.from({ length: 1_000 }, (_, n) => `invented-${from + n}`);
    for (let n = 0; n < 4; n += 1) {
      const names = invented(n * 1_000);
      const frontier = Object.fromEntries(names.map((name) => [`${name}.abcdefgh`, 9]));
      said = {
        clock: Object.fromEntries(names.map((name) => [name, 9])),
        frontiers: { [channel]: frontier },
      };
      await scene.tell({ ...acknowledged, after: { [channel]: frontier } });
    }
    said = {};
    expect(await figures.dropped('refusedCausal')).toBeGreaterThan(before + 8_000);
    for (let n = 0; n < 6; n += 1) {
      const { stamp, reply } = await scene.tell();
      const names = [
        ...Object.keys(reply['clock'] as Body),
        ...Object.keys(stamp.after[stamp.broadcast!.channel]!),
      ];
      expect(names.filter((name) => name.startsWith('invented')).length).toBeLessThanOrEqual(2 * 16);
    }
  });

  it('is bounded in size before it is looked at', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_025 }, (_, n) => [`s${n}.abcdefgh`, 1]));
    const goal = { type: 'broadcast', ordering: 'causal', after: { [channel]: many } };
    const { code } = await scene.fleet.refused({ agents: { group: 'workers' }, goal });
    expect(code).toBe('invalid_argument');
  });

  it('is refused where it contradicts itself', async () => {
    const goal = { type: 'broadcast', key: 'mode' };
    const { code, details } = await scene.fleet.refused({ agents: { group: 'workers' }, goal });
    expect(code).toBe('invalid_argument');
    expect(details[0]).toMatchObject({ path: 'goal.key' });
  });
});
