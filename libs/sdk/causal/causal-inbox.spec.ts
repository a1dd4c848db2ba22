import { describe, expect, it } from '@jest/globals';
import {
  agentMessageSchema,
  type CausalRepairReply,
  causalStampSchema,
  type CausalSyncReply,
  causalSyncReplySchema,
} from '@nexus/contracts';
import { type Repair, type Stamp } from '@nexus/core/causality';
import { encodeBody, stampFrom } from '@nexus/wire';
import { type AgentEvent, newStats } from '../agent/agent-events.js';
import { type Outcome, Work } from '../agent/work.js';
import { newBroadcastStore } from './broadcast-store.js';
import { CausalInbox, type InboxLine } from './causal-inbox.js';

const sender = (name: string) => `${name}.aaaaaaaa`;
/** Over all channels. */
const entriesOf = ({ after }: Stamp) => [...after.values()].reduce((sum, { size }) => sum + size, 0);
const done: Outcome = { ok: true, data: 'done' };

/** A message that waits for an answer. */
function workOf(name: string, sequence: number | undefined, after: Readonly<Record<string, number>> = {}) {
  const broadcast = sequence === undefined ? {} : { broadcast: { channel: 'all', sequence } };
  const known = Object.entries(after).map(([id, count]) => [sender(id), count] as const);
  const message = agentMessageSchema.parse({
    coordinationId: `${name} ${sequence}`,
    kind: 'broadcast',
    payload: `${name}${sequence ?? ''}`,
    budgetMs: 5_000,
    attempt: 1,
    from: name,
    causal: { sender: sender(name), ...broadcast, after: { all: Object.fromEntries(known) } },
  });
  const source = { subject: 'nexus.agent.me', data: encodeBody(message) };
  return new Work({ message, source, encoding: 'json', replySubject: '_INBOX.x' });
}

/** An inbox whose senders have said where they stand, which is at their beginning. */
function inboxOf(roomMax = 10) {
  const begun: Work[] = [];
  const answers: [unknown, Outcome][] = [];
  const asked: { repair: Repair; answer: (reply: CausalRepairReply) => void }[] = [];
  const syncs: ((reply: CausalSyncReply) => void)[] = [];
  const delivered: Stamp[] = [];
  const events: AgentEvent[] = [];
  const stats = newStats();
  const store = newBroadcastStore();
  const line: InboxLine = {
    ...{ prefix: 'nexus', store },
    repairs: {
      ask: (repair, onReply) => void asked.push({ repair, answer: onReply }),
      answerForOthers: () => undefined,
    },
    syncs: { ask: (_channels, onReply) => void syncs.push(onReply) },
  };
  const scene = {
    begun,
    answers,
    asked,
    syncs,
    delivered,
    events,
    stats,
    store,
    onBegin: (_work: Work): void => undefined,
  };
  const inbox = new CausalInbox({
    self: sender('me'),
    channels: ['all'],
    roomMax,
    line,
    desk: {
      begin: (work) => {
        begun.push(work);
        scene.onBegin(work);
      },
      answer: (work, outcome) => answers.push([work.message.payload, outcome]),
    },
    onDelivered: (_work, stamp) => delivered.push(stamp),
    stats,
    report: (event) => events.push(event),
  });
  const payloads = () => begun.map(({ message }) => message.payload);
  const finish = (work: Work) => {
    work.done(done);
    work.finish();
  };
  return Object.assign(scene, { inbox, payloads, finish });
}

/** Past the time in which senders say where they stand. */
const listening = async (scene: ReturnType<typeof inboxOf>) => {
  scene.inbox.open();
  scene.inbox.take(workOf(`probe-${scene.syncs.length}`, undefined), undefined);
  while (scene.begun.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  scene.finish(scene.begun.splice(0)[0]!);
  scene.delivered.length = 0;
  return scene;
};

describe('CausalInbox', () => {
  it('begins an effect when its cause has finished', async () => {
    const { inbox, payloads, begun, finish } = await listening(inboxOf());
    inbox.take(workOf('b', 1, { a: 1 }), undefined);
    expect([payloads(), inbox.waiting]).toEqual([[], 1]);
    inbox.take(workOf('a', 1), undefined);
    expect(payloads()).toEqual(['a1']);
    finish(begun[0]!);
    expect(payloads()).toEqual(['a1', 'b1']);
    expect(inbox.waiting).toBe(0);
  });

  it('has no room for more than it may hold, and counts only what it took', async () => {
    const { inbox, begun, finish, payloads } = await listening(inboxOf(2));
    inbox.take(workOf('a', 1), undefined);
    inbox.take(workOf('a', 2), undefined);
    expect(inbox.full).toBe(true);
    finish(begun[0]!);
    expect([inbox.full, payloads()]).toEqual([false, ['a1', 'a2']]);
  });

  it('answers a repeat with the outcome of the first, during and after', async () => {
    const { inbox, begun, finish, answers, stats, payloads } = await listening(inboxOf());
    inbox.take(workOf('a', 1), undefined);
    inbox.take(workOf('a', 1), undefined);
    expect(answers).toEqual([]);
    finish(begun[0]!);
    inbox.take(workOf('a', 1), undefined);
    expect(answers).toEqual([
      ['a1', done],
      ['a1', done],
    ]);
    expect([payloads(), stats.duplicates]).toEqual([['a1'], 2]);
  });

  it('refuses a repeat whose outcome it has forgotten', async () => {
    const { inbox, begun, finish, answers } = await listening(inboxOf(400));
    for (let sequence = 1; sequence <= 300; sequence += 1) inbox.take(workOf('a', sequence), undefined);
    for (let at = 0; at < 300; at += 1) finish(begun[at]!);
    inbox.take(workOf('a', 1), undefined);
    expect(answers).toEqual([['a1', { ok: false, error: expect.objectContaining({ code: 'conflict' }) }]]);
  });

  it('puts what a handler sends at once behind what was delivered with its message', async () => {
    const scene = await listening(inboxOf());
    const { inbox, payloads, begun, finish } = scene;
    const own = workOf('me', 1, { a: 1, b: 1 });
    scene.onBegin = ({ message }) => {
      if (message.payload === 'a1') inbox.deliverOwn(own, stampFrom(own.message.causal!));
    };
    inbox.take(workOf('b', 1, { a: 1 }), undefined);
    inbox.take(workOf('a', 1), undefined);
    expect(payloads()).toEqual(['a1']);
    finish(begun[0]!);
    finish(begun[1]!);
    expect(payloads()).toEqual(['a1', 'b1', 'me1']);
  });

  it('asks for what is missing, and takes what comes as if it had come by itself', async () => {
    const { inbox, asked, payloads } = await listening(inboxOf());
    inbox.take(workOf('a', 2, { a: 1 }), undefined);
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked[0]!.repair).toEqual({ channel: 'all', sender: sender('a'), from: 1, to: 1, of: 'sender' });
    asked[0]!.answer({ messages: [workOf('x', 1).message, 'nonsense', workOf('a', 1).message] });
    expect(payloads()).toEqual(['a1']);
    inbox.close();
  });

  it('takes no order from a repair, and believes nobody about who sent what it brought', async () => {
    const { inbox, asked, begun } = await listening(inboxOf());
    inbox.take(workOf('mallory', 3, { mallory: 2 }), 'mallory');
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const [first, second] = [workOf('mallory', 1).message, workOf('mallory', 2, { mallory: 1 }).message];
    for (const kind of ['task', 'coordinate', 'vote', 'gather']) {
      asked[0]!.answer({ messages: [{ ...first, kind, from: 'coordinator-1' }] });
    }
    expect(begun).toEqual([]);
    asked[0]!.answer({ messages: [{ ...first, from: 'coordinator-1' }, second] });
    expect(begun.map(({ message: { kind, from } }) => [kind, from])).toEqual([['broadcast', 'mallory']]);
    inbox.close();
  });

  it('takes few of the senders that a stamp invents, on whatever channels, and counts the others', async () => {
    const { inbox, delivered, stats } = await listening(inboxOf());
    const ghosts = Array.from({ length: 1_000 }, (_, each) => [`ghost-${each}.aaaaaaaa`, 5]);
    const haunted = Object.fromEntries(ghosts) as Record<string, number>;
    const elsewhere = Array.from({ length: 16 }, (_, each) => [`group.x-${each}`, haunted] as const);
    const { message, ...rest } = workOf('mallory', 1);
    const { sender, broadcast } = message.causal!;
    const causal = causalStampSchema.parse({
      sender,
      broadcast,
      after: Object.fromEntries<unknown>(elsewhere),
    });
    inbox.take(new Work({ ...rest, message: { ...message, causal } }), 'mallory');
    expect([delivered.map(entriesOf), stats.unbelieved]).toEqual([[256], 16_000 - 256]);
    inbox.close();
  });

  it('keeps its own message to itself in its place', async () => {
    const { inbox, payloads } = await listening(inboxOf());
    inbox.take(workOf('a', 2, { a: 1 }), undefined);
    const own = workOf('me', undefined, { a: 2 });
    inbox.deliverOwn(own, stampFrom(own.message.causal!));
    expect([payloads(), inbox.waiting]).toEqual([[], 2]);
    inbox.take(workOf('a', 1), undefined);
    expect(payloads()).toEqual(['a1']);
    inbox.close();
  });

  it('keeps what it delivers of others; its own was kept when it was sent', async () => {
    const { inbox, store, payloads } = await listening(inboxOf());
    const own = workOf('me', 1);
    inbox.deliverOwn(own, stampFrom(own.message.causal!));
    expect([payloads(), store.size]).toEqual([['me1'], 0]);
    inbox.take(workOf('a', 1), undefined);
    expect([payloads(), store.size]).toEqual([['me1', 'a1'], 1]);
    inbox.close();
  });

  it('uses up no try for what is repaired while it has no room', async () => {
    const { inbox, asked, begun, finish, payloads } = await listening(inboxOf(2));
    inbox.take(workOf('b', 1), undefined);
    inbox.take(workOf('a', 2, { a: 1 }), undefined);
    // Half of the tries are asked of the sender, the others of everybody.
    for (let asks = 0; asks < 7; asks += 1) {
      while (asked.length === asks) await new Promise((resolve) => setTimeout(resolve, 5));
      asked[asks]!.answer({ messages: [workOf('a', 1).message] });
    }
    expect(asked.map(({ repair }) => repair.of)).toEqual(Array.from({ length: 7 }, () => 'sender'));
    finish(begun[0]!);
    asked.at(-1)!.answer({ messages: [workOf('a', 1).message] });
    expect(payloads()).toEqual(['b1', 'a1']);
    inbox.close();
  });

  it('hands back what it held when it closes, and takes nothing from a repair that comes later', async () => {
    const { inbox, asked, payloads } = await listening(inboxOf());
    inbox.take(workOf('a', 2, { a: 1 }), undefined);
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(inbox.close().map(({ message }) => message.payload)).toEqual(['a2']);
    asked[0]!.answer({ messages: [workOf('a', 1).message] });
    expect([payloads(), inbox.waiting]).toEqual([[], 0]);
  });

  it('begins anew after a reset, behind all that it had delivered', async () => {
    const scene = await listening(inboxOf());
    const { inbox, begun, finish, payloads, syncs } = scene;
    inbox.take(workOf('a', 1), undefined);
    inbox.take(workOf('a', 2, { a: 1 }), undefined);
    finish(begun[0]!);
    // The second has begun: whoever took it drops it. Nobody says where the sender stands.
    expect(inbox.reset()).toEqual([]);
    begun.length = 0;
    await listening(scene);
    inbox.take(workOf('a', 1), undefined);
    inbox.take(workOf('a', 3, { a: 2 }), undefined);
    expect(payloads()).toEqual(['a3']);
    expect(syncs).toHaveLength(2);
  });

  it('begins behind all that it ever delivered after two resets, the second before it had begun again', async () => {
    const scene = await listening(inboxOf());
    const { inbox, begun, finish, payloads, stats } = scene;
    inbox.take(workOf('a', 1), undefined);
    inbox.take(workOf('a', 2, { a: 1 }), undefined);
    for (const work of begun.splice(0, 1)) finish(work);
    inbox.reset();
    inbox.open();
    inbox.reset();
    begun.length = 0;
    await listening(scene);
    inbox.take(workOf('a', 3, { a: 2 }), undefined);
    inbox.take(workOf('a', 1), undefined);
    inbox.take(workOf('a', 2, { a: 1 }), undefined);
    expect([payloads(), inbox.waiting, stats.missed]).toEqual([['a3'], 0, 0]);
    inbox.close();
  });

  it('starts where a sender says that it stands', async () => {
    const scene = inboxOf();
    const { inbox, syncs, payloads } = scene;
    inbox.open();
    const said = { sender: sender('a'), frontiers: { all: { [sender('a')]: 7 } } };
    syncs[0]!(causalSyncReplySchema.parse(said));
    await listening(scene);
    inbox.take(workOf('a', 8, { a: 7 }), undefined);
    expect(payloads()).toEqual(['a8']);
  });

  it('drops what speaks for another', async () => {
    const { inbox, stats, events, payloads } = await listening(inboxOf());
    inbox.take(workOf('a', 1), 'mallory');
    inbox.take(workOf('me', 1), undefined);
    inbox.take(workOf('a', 1), 'a');
    expect([payloads(), stats.forged]).toEqual([['a1'], 2]);
    expect(events).toMatchObject([{ reason: 'forged_stamp' }, { reason: 'forged_stamp' }]);
  });
});
