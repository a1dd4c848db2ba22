import { describe, expect, it } from '@jest/globals';
import { agentIdSchema, type CoordinatePart, parse } from '@nexus/contracts';
import { PartStream } from './part-stream.js';
import { entryBytes } from './reply-parts.js';

const agentId = (text: string) => parse(agentIdSchema, text, 'agentId');
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function streamTo(send: (part: CoordinatePart) => Promise<void>, bytesMax = 1_000_000): PartStream {
  return new PartStream({ coordinationId: 'c-1', type: 'gather', bytesMax, send });
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
    const stream = streamTo(async (part) => void sent.push(part), entryBytes('a'));
    for (const id of ['a', 'b', 'c']) stream.push('missing', agentId(id));
    expect(sent.map(({ part }) => part)).toEqual([{ missing: ['a'] }, { missing: ['b'] }]);
  });

  it('flushes what is held back, and waits until all is sent', async () => {
    const sent: string[] = [];
    const waiting: (() => void)[] = [];
    const stream = streamTo(async ({ part }) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      sent.push(...(part.missing ?? []));
    }, entryBytes('a'));
    stream.push('missing', agentId('a'));
    stream.push('missing', agentId('b'));
    const flushed = stream.flush().then(() => sent.push('flushed'));
    await nextTurn();
    expect(sent).toEqual([]);
    for (const resume of waiting) resume();
    await flushed;
    expect(sent).toEqual(['a', 'b', 'flushed']);
  });

  it('goes on when a part cannot be sent: the final reply has the whole', async () => {
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
});
