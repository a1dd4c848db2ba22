import { describe, expect, it } from '@jest/globals';
import { agentIdSchema, type CoordinatePart, parse, requestIdSchema } from '@nexus/contracts';
import { noParts } from '../coordination/part-sink.js';
import { PartStream } from './part-stream.js';

const agentId = (text: string) => parse(agentIdSchema, text, 'agentId');
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function streamTo(send: (part: CoordinatePart) => Promise<void>, bytesMax = 1_000_000): PartStream {
  const { admit } = noParts;
  return new PartStream({ coordinationId: 'c-1', type: 'gather', encoding: 'json', bytesMax, admit, send });
}

describe('PartStream', () => {
  it('sends the entries of one turn in one part, and those of the next in another', async () => {
    const sent: CoordinatePart[] = [];
    const stream = streamTo(async (part) => void sent.push(part));
    stream.push('responses', { agentId: agentId('a'), data: 1 });
    stream.push('missing', agentId('b'));
    expect(sent).toEqual([]);
    await nextTurn();
    stream.push('missing', agentId('c'));
    await nextTurn();
    expect(sent).toEqual([
      {
        coordinationId: 'c-1',
        type: 'gather',
        part: { responses: [{ agentId: 'a', data: 1 }], missing: ['b'] },
      },
      { coordinationId: 'c-1', type: 'gather', part: { missing: ['c'] } },
    ]);
  });

  it('sends at once what fills a part', () => {
    const sent: CoordinatePart[] = [];
    const stream = streamTo(async (part) => void sent.push(part), 1);
    for (const id of ['a', 'b', 'c']) stream.push('missing', agentId(id));
    expect(sent.map(({ part }) => part)).toEqual([{ missing: ['a'] }, { missing: ['b'] }]);
  });

  it('flushes what is held back, and waits until all is sent', async () => {
    const sent: string[] = [];
    const waiting: (() => void)[] = [];
    const stream = streamTo(async ({ part }) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      sent.push(...(part.missing ?? []));
    }, 1);
    stream.push('missing', agentId('a'));
    stream.push('missing', agentId('b'));
    const flushed = stream.flush().then(() => sent.push('flushed'));
    await nextTurn();
    expect(sent).toEqual([]);
    for (const resume of waiting) resume();
    await flushed;
    expect(sent).toEqual(['a', 'b', 'flushed']);
  });

  it('goes on when a part cannot be sent', async () => {
    const sent: CoordinatePart['part'][] = [];
    const stream = streamTo(async ({ part }) => {
      if (part.missing?.includes(agentId('a'))) throw new Error('down');
      sent.push(part);
    });
    stream.push('missing', agentId('a'));
    await nextTurn();
    stream.push('missing', agentId('b'));
    await expect(stream.flush()).resolves.toBeUndefined();
    expect(sent).toEqual([{ missing: ['b'] }]);
  });

  it('knows what has left, and that a part that failed has not', async () => {
    const stream = streamTo(async ({ part }) => {
      if (part.missing?.includes(agentId('lost'))) throw new Error('down');
    });
    stream.push('missing', agentId('lost'));
    await nextTurn();
    stream.push('responses', { agentId: agentId('a'), data: 1 });
    await nextTurn();
    stream.push('missing', agentId('b'));
    expect(stream.hasSent('missing', agentId('b'))).toBe(false);
    await stream.flush();
    expect(stream.hasSent('missing', agentId('b'))).toBe(true);
    expect(stream.hasSent('responses', { agentId: agentId('a'), data: 1 })).toBe(true);
    expect(stream.hasSent('missing', agentId('a'))).toBe(false);
    expect(stream.hasSent('missing', agentId('lost'))).toBe(false);
  });

  it('tells the units of work of one agent apart', async () => {
    const stream = streamTo(() => Promise.resolve());
    const result = (id: string) => ({
      ...{ requestId: parse(requestIdSchema, id, 'id'), agentId: agentId('a') },
      ...{ ok: true, attempts: 1 },
    });
    stream.push('results', result('one'));
    await stream.flush();
    expect(stream.hasSent('results', result('one'))).toBe(true);
    expect(stream.hasSent('results', result('two'))).toBe(false);
  });
});
