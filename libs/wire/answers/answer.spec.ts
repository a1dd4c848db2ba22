import { describe, expect, it } from '@jest/globals';
import { headers, type Msg } from '@nats-io/transport-node';
import { NexusError } from '@nexus/contracts';
import fc from 'fast-check';
import { encodeBody } from '../encoding.js';
import { readAnswer } from './answer.js';

const bytesMax = 100_000;

function messageOf(data: string | Uint8Array, contentType?: string): Msg {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const marks = headers();
  if (contentType !== undefined) marks.set('Content-Type', contentType);
  return {
    subject: '_INBOX.a.b',
    sid: 1,
    data: bytes,
    headers: marks,
    respond: () => false,
    json: () => JSON.parse(Buffer.from(bytes).toString()) as never,
    string: () => Buffer.from(bytes).toString(),
  };
}

const read = (data: string | Uint8Array, contentType?: string) =>
  readAnswer(messageOf(data, contentType), 'a', { bodyBytesMax: bytesMax, admit: () => undefined });
const readJson = (body: unknown) => read(JSON.stringify(body));

describe('readAnswer', () => {
  it('reads what was done, in either encoding', () => {
    const body = { agentId: 'a', ok: true, data: { n: 1 }, load: { cpu: 0, memory: 0.5, queueDepth: 2 } };
    const { load } = body;
    expect(readJson(body)).toEqual({ kind: 'done', data: { n: 1 }, load });
    expect(read(encodeBody(body, 'msgpack'), 'application/msgpack')).toEqual({
      kind: 'done',
      data: { n: 1 },
      load,
    });
  });

  it('reads null where the agent had nothing to say', () => {
    expect(readJson({ agentId: 'a', ok: true, data: null })).toEqual({ kind: 'done', data: null });
  });

  it('reads a failure with its code', () => {
    const error = { code: 'overloaded', message: 'full' };
    expect(readJson({ agentId: 'a', ok: false, error })).toEqual({ kind: 'failed', ...error });
  });

  it('tolerates fields that it does not know', () => {
    expect(readJson({ agentId: 'a', ok: true, data: 1, since: 'v2' })).toEqual({ kind: 'done', data: 1 });
  });

  it('overlooks a load that is none: the work is done', () => {
    expect(readJson({ agentId: 'a', ok: true, data: 1, load: { cpu: 9 } })).toEqual({
      kind: 'done',
      data: 1,
    });
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['nothing', ''],
    ['an unknown code', '{"agentId":"a","ok":false,"error":{"code":"odd","message":""}}'],
    ['a failure without an error', '{"agentId":"a","ok":false}'],
    ['no verdict', '{"agentId":"a","data":1}'],
    ['another agent’s name', '{"agentId":"b","ok":true}'],
    ['a name that is no id', '{"agentId":"a.b","ok":true}'],
  ])('calls %s a malformed answer', (_, body) => {
    expect(read(body)).toMatchObject({
      kind: 'failed',
      code: 'internal',
      message: expect.stringMatching(/^malformed answer: /),
    });
  });

  it('refuses an answer that would not fit the reply, by its own code', () => {
    const answer = readJson({ agentId: 'a', ok: true, data: 'x'.repeat(bytesMax) });
    expect(answer).toMatchObject({ kind: 'failed', code: 'payload_too_large' });
  });

  it('makes an answer without room in the result a failure, by the code that says so', () => {
    const asked: unknown[] = [];
    const full = (data: unknown, receivedBytes: number) => {
      asked.push([data, receivedBytes]);
      throw new NexusError('payload_too_large', 'full');
    };
    const body = JSON.stringify({ agentId: 'a', ok: true, data: [1] });
    const answer = readAnswer(messageOf(body), 'a', { bodyBytesMax: bytesMax, admit: full });
    expect(answer).toEqual({ kind: 'failed', code: 'payload_too_large', message: 'full' });
    expect(asked).toEqual([[[1], body.length]]);
  });

  it('takes no room for a failure, and keeps its message short', () => {
    const full = () => {
      throw new NexusError('payload_too_large', 'full');
    };
    const error = { code: 'internal', message: 'x'.repeat(4_000) };
    const body = JSON.stringify({ agentId: 'a', ok: false, error });
    const answer = readAnswer(messageOf(body), 'a', { bodyBytesMax: bytesMax, admit: full });
    expect(answer).toEqual({ kind: 'failed', code: 'internal', message: 'x'.repeat(512) });
  });

  it('never throws, and never takes noise for work done', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(undefined, 'application/json', 'application/msgpack', 'text/plain'),
        (bytes, contentType) => {
          expect(read(bytes, contentType).kind).toBe('failed');
        },
      ),
    );
  });

  it('keeps a message that a stranger wrote short', () => {
    const answer = read('{}', `text/${'x'.repeat(10_000)}`);
    expect(answer.kind === 'failed' && answer.message.length).toBeLessThanOrEqual(512);
  });
});
