import { describe, expect, it } from '@jest/globals';
import { decodeBody, encodeBody } from '@nexus/wire';
import { KeptBroadcast } from './broadcast-store.js';
import { writtenReply } from './repair-reply.js';

const kept = (message: Readonly<Record<string, unknown>>) => new KeptBroadcast(encodeBody(message), 'json');

describe('writtenReply', () => {
  it('tells what came in either encoding in JSON, without a lease', () => {
    const packed = new KeptBroadcast(encodeBody({ payload: [1], fencingToken: 7 }, 'msgpack'), 'msgpack');
    const range = { messages: [packed, kept({ payload: 'ä' })], keptFrom: 3 };
    const reply = { messages: [{ payload: [1] }, { payload: 'ä' }], keptFrom: 3 };
    expect(decodeBody(writtenReply(range, 1_000)!)).toEqual(reply);
  });

  it('carries what fits, and is none when nothing does', () => {
    const messages = ['x', 'y', 'z'].map((each) => kept({ payload: each.repeat(100) }));
    const reply = writtenReply({ messages, keptFrom: 1 }, 320)!;
    expect(reply.length).toBeLessThanOrEqual(320);
    expect(decodeBody(reply)['messages']).toHaveLength(2);
    expect(writtenReply({ messages, keptFrom: 1 }, 100)).toBeUndefined();
    expect(writtenReply({ messages, keptFrom: 1 }, 0)).toBeUndefined();
  });

  it('is none when there is nothing to tell, and says what is not to be had any more', () => {
    expect(writtenReply({ messages: [], keptFrom: undefined }, 1_000)).toBeUndefined();
    expect(decodeBody(writtenReply({ messages: [], keptFrom: 9 }, 1_000)!)).toEqual({
      messages: [],
      keptFrom: 9,
    });
  });
});

describe('KeptBroadcast', () => {
  it('is read once for all who ask, and read anew for each agent', () => {
    const broadcast = new KeptBroadcast(encodeBody({ payload: { n: 1 } }, 'msgpack'), 'msgpack');
    expect(broadcast.json).toBe(broadcast.json);
    const [one, other] = [broadcast.read(), broadcast.read()];
    expect(one).toEqual(other);
    expect(one['payload']).not.toBe(other['payload']);
  });
});
