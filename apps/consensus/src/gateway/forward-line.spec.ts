import { describe, expect, it } from '@jest/globals';
import { type ReplicaId } from '@nexus/contracts';
import { Drops } from '@nexus/platform/nats';
import { arrivals } from '../members/testdata/hand-clock.js';
import { type ForwardConnection, ForwardLine } from './forward-line.js';
import { type AnswerWork, type Result, type Work } from './work.js';

/** A broker in this process. */
class Wire implements ForwardConnection {
  connected = true;
  readonly sent: Uint8Array[] = [];
  private readonly heard = new Map<string, (message: { readonly data: Uint8Array }) => void>();

  constructor(readonly bodyBytesMax: number) {}

  publish(subject: string, data: Uint8Array): void {
    if (data.length > this.bodyBytesMax) throw new Error('larger than a message may be');
    this.sent.push(data);
    setImmediate(() => this.heard.get(subject)?.({ data }));
  }

  subscribe(subject: string, heard: (message: { readonly data: Uint8Array }) => void) {
    this.heard.set(subject, heard);
    return { unsubscribe: () => void this.heard.delete(subject) };
  }
}

const to = 'b' as ReplicaId;
const lineOf = (connection: Wire, name: string, { cluster = 'nexus', incarnation = `${name}-1` } = {}) => {
  const drops = new Drops();
  const options = { connection, drops, prefix: 'nexus', cluster, incarnation };
  return { line: new ForwardLine({ ...options, replicaId: name as ReplicaId }), drops };
};

const read: Work = { kind: 'read', query: { key: 'k' } };
const put = (bytes: number): Work =>
  ({ kind: 'propose', command: { type: 'put', key: 'k', value: 'x'.repeat(bytes) } }) as unknown as Work;
const reading = (value: unknown) =>
  ({ kind: 'reading', reading: { key: 'k', value, version: 1, index: 1 } }) as unknown as Result;

/** An asker, and a replica that answers all it is asked with the same. */
function pair(wire: Wire, result: Result) {
  const { line: asking, drops } = lineOf(wire, 'a');
  const { line: leading, drops: dropsThere } = lineOf(wire, 'b');
  const asked: Work[] = [];
  const answered = new Map<number, Result>();
  asking.listen({ asked: () => undefined, answered: (id, answer) => answered.set(id, answer) });
  leading.listen({
    asked: (work, answer) => {
      asked.push(work);
      answer(result);
    },
    answered: () => undefined,
  });
  return { asking, leading, asked, answered, drops, dropsThere };
}

describe('ForwardLine', () => {
  it('carries questions there and answers back', async () => {
    const { asking, asked, answered } = pair(new Wire(1_000_000), reading(7));
    expect(asking.ask(to, 1, read)).toBeUndefined();
    expect(asking.ask(to, 2, put(10))).toBeUndefined();
    await arrivals();
    expect(asked).toEqual([read, put(10)]);
    expect([...answered]).toEqual([
      [1, reading(7)],
      [2, reading(7)],
    ]);
  });

  it('says at once what is larger than a message may be, and carries what just fits', async () => {
    const wire = new Wire(2_000);
    const { asking, asked, drops } = pair(wire, reading(7));
    expect(asking.ask(to, 1, put(2_000))).toEqual({ kind: 'refused', reason: 'too_large' });
    for (let bytes = 1_700; bytes < 2_000; bytes += 1) asking.ask(to, bytes, put(bytes));
    await arrivals();
    const fit = asked.length;
    expect(fit).toBeGreaterThan(0);
    expect(fit).toBeLessThan(300);
    expect(drops.undeliveredInternal).toBe(0);
  });

  it('puts no more into a batch than its receiver takes', async () => {
    const wire = new Wire(10_000_000);
    const { line: asking, drops } = lineOf(wire, 'a');
    const { line: leading } = lineOf(wire, 'b');
    const answers: AnswerWork[] = [];
    const answered: number[] = [];
    asking.listen({ asked: () => undefined, answered: (id) => answered.push(id) });
    leading.listen({ asked: (_work, answer) => answers.push(answer), answered: () => undefined });
    const count = 18_000;
    for (let id = 1; id <= count; id += 1) asking.ask(to, id, read);
    await arrivals();
    expect(answers).toHaveLength(count);
    // So small that the bytes alone would not bound a batch: what a leader tells everybody when it leads no more.
    for (const answer of answers) answer({ kind: 'unknown' });
    await arrivals();
    expect(answered).toHaveLength(count);
    expect(drops.malformedInternal).toBe(0);
  });

  it('tells an asker of an answer that no message can carry', async () => {
    const { asking, answered } = pair(new Wire(2_000), reading('x'.repeat(3_000)));
    asking.ask(to, 1, read);
    await arrivals();
    expect(answered.get(1)).toMatchObject({ kind: 'failed', code: 'payload_too_large' });
  });

  it('sends nothing while it is not connected, and hears nothing once it is closed', async () => {
    const wire = new Wire(1_000_000);
    const { asking, leading, asked } = pair(wire, reading(7));
    wire.connected = false;
    expect(asking.ask(to, 1, read)).toEqual({ kind: 'refused', reason: 'not_leader' });
    wire.connected = true;
    leading.close();
    asking.ask(to, 2, read);
    await arrivals();
    expect(asked).toEqual([]);
  });

  it('drops what cannot be read, and what comes from another cluster', async () => {
    const wire = new Wire(1_000_000);
    const { asking, asked, dropsThere } = pair(wire, reading(7));
    wire.publish('nexus.int.consensus.b.forward', Uint8Array.of(0xc1));
    asking.ask(to, 1, { kind: 'read', query: { nothing: 'k' } } as unknown as Work);
    lineOf(wire, 'a', { cluster: 'other' }).line.ask(to, 2, read);
    await arrivals();
    expect(dropsThere).toMatchObject({ malformedInternal: 2, foreignInternal: 1 });
    expect(asked).toEqual([]);
  });

  it('drops answers to an earlier life of the replica', async () => {
    const wire = new Wire(1_000_000);
    const { asked, answered, drops } = pair(wire, reading(7));
    lineOf(wire, 'a', { incarnation: 'a-0' }).line.ask(to, 1, read);
    await arrivals();
    expect(asked).toEqual([read]);
    expect([...answered]).toEqual([]);
    expect(drops.foreignInternal).toBe(1);
  });
});
