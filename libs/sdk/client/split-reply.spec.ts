import { describe, expect, it } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import { listsHeader } from '@nexus/contracts';
import { sampleReply } from '../../testing/sample-reply.js';
import { SplitReply } from './split-reply.js';

const gathered = (result: object) => sampleReply('gather', result);
const part = (lists: Record<string, unknown>) => ({ coordinationId: 'c', type: 'gather', part: lists });
const empty = { responses: [], failed: [], missing: [] };

function split() {
  const marked = headers();
  marked.set(listsHeader, 'split');
  return marked;
}

describe('SplitReply', () => {
  it('takes a whole reply as it is, whatever was streamed before', () => {
    const reply = new SplitReply();
    reply.add(part({ responses: [{ agentId: 'a', data: 1 }] }));
    const whole = gathered({ ...empty, responses: [{ agentId: 'b', data: 2 }] });
    expect(reply.finish({ headers: undefined, body: whole })).toEqual(whole);
  });

  it('joins the lists of the parts when they travelled in them alone', () => {
    const reply = new SplitReply();
    reply.add(part({ responses: [{ agentId: 'a', data: 1 }], missing: ['c'] }));
    reply.add(part({ responses: [{ agentId: 'b', data: 2 }], failed: [{ agentId: 'd', code: 'internal' }] }));
    const body = gathered({ ...empty, aggregate: 3, sampleSize: 2 });
    expect(reply.finish({ headers: split(), body }).result).toEqual({
      responses: [
        { agentId: 'a', data: 1 },
        { agentId: 'b', data: 2 },
      ],
      failed: [{ agentId: 'd', code: 'internal' }],
      missing: ['c'],
      aggregate: 3,
      sampleSize: 2,
    });
  });

  it('counts an entry that was sent twice once', () => {
    const reply = new SplitReply();
    reply.add(part({ responses: [{ agentId: 'a', data: 1 }] }));
    reply.add(part({ responses: [{ agentId: 'a', data: 1 }] }));
    const { result } = reply.finish({ headers: split(), body: gathered(empty) });
    expect(result).toMatchObject({ responses: [{ agentId: 'a', data: 1 }] });
  });

  it.each([[{}], [part({ responses: 'none' })]])('refuses a malformed part', (body) => {
    expect(() => new SplitReply().add(body)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('refuses a malformed reply', () => {
    const reply = { headers: split(), body: { type: 'gather', result: 'none' } };
    expect(() => new SplitReply().finish(reply)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});
