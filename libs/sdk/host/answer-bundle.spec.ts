import { describe, expect, it } from '@jest/globals';
import { hostAnswerSchema, NexusError } from '@nexus/contracts';
import { decodeBody, type Encoding } from '@nexus/wire';
import fc from 'fast-check';
import { bytesOf, inEncoding, writeDone, writeFailed, type Written } from '../agent/answer-part.js';
import { newBundle } from './answer-bundle.js';

const bytesMax = 4_096;
const limits = { bytesMax, depthMax: 16 };
const encodings = fc.constantFrom<Encoding>('json', 'msgpack');
const outcomes = fc.array(
  fc.oneof(
    fc.record({ ok: fc.constant(true as const), data: fc.jsonValue({ maxDepth: 2 }) }),
    fc.record({ ok: fc.constant(false as const), message: fc.string({ unit: 'binary', maxLength: 60 }) }),
  ),
  { minLength: 1, maxLength: 80 },
);

type Outcome = { ok: true; data: unknown } | { ok: false; message: string };

const written = (encoding: Encoding, agentId: string, outcome: Outcome): Written =>
  outcome.ok
    ? writeDone(encoding, agentId, outcome.data)
    : writeFailed(encoding, agentId, new NexusError('internal', outcome.message));

describe('a bundle of answers', () => {
  it('carries what each agent said, in as many bodies as it takes, none of them too large', () => {
    fc.assert(
      fc.property(encodings, outcomes, (encoding, said) => {
        const bundle = newBundle(encoding, 'host-1', bytesMax);
        const bodies: Uint8Array[] = [];
        const sent: Outcome[] = [];
        said.forEach((outcome, index) => {
          const { part } = written(encoding, `agent-${index}`, outcome);
          if (!bundle.fits(part) && bundle.size > 0) bodies.push(bundle.take());
          if (!bundle.fits(part)) return;
          bundle.add(part);
          sent.push(outcome);
        });
        if (bundle.size > 0) bodies.push(bundle.take());
        for (const body of bodies) expect(body.length).toBeLessThanOrEqual(bytesMax);
        const read = bodies.flatMap((body) => {
          const answer = hostAnswerSchema.parse(decodeBody(body, encoding, limits));
          expect(answer.hostId).toBe('host-1');
          return answer.answers;
        });
        expect(read.map((each) => (each.ok ? { ok: true, data: each.data } : { ok: false }))).toEqual(
          sent.map((each) =>
            each.ok ? { ok: true, data: JSON.parse(JSON.stringify(each.data)) as unknown } : { ok: false },
          ),
        );
      }),
    );
  });

  it('has room for an answer that fills it alone', () => {
    const bundle = newBundle('json', 'host-1', bytesMax);
    const envelope = newBundle('json', 'host-1', bytesMax);
    envelope.add('');
    const room = bytesMax - envelope.take().length;
    expect(bundle.fits('x'.repeat(room))).toBe(true);
    expect(bundle.fits('x'.repeat(room + 1))).toBe(false);
    bundle.add('x'.repeat(room));
    expect(bundle.take()).toHaveLength(bytesMax);
  });
});

describe('an answer', () => {
  it.each<[string, unknown]>([
    ['a circle', circle()],
    ['a bigint', 7n],
  ])('says of %s that it cannot be written', (_, data) => {
    const { part, ok } = writeDone('json', 'a', data);
    expect(ok).toBe(false);
    expect(JSON.parse(part as string)).toMatchObject({ ok: false, error: { code: 'internal' } });
  });

  it.each([undefined, () => 1, Symbol('s')])('is null where there is nothing to say', (data) => {
    expect(writeDone('json', 'a', data).part).toBe('{"agentId":"a","ok":true,"data":null}');
  });

  it.each<Encoding>(['json', 'msgpack'])('tells in %s when a refused asker may ask again', (encoding) => {
    const told = (retryAfterMs?: number) => {
      const { part } = writeFailed(encoding, 'a', new NexusError('overloaded', 'full', { retryAfterMs }));
      return decodeBody(bytesOf(part), encoding, limits)['error'];
    };
    expect(told(250)).toEqual({ code: 'overloaded', message: 'full', retryAfterMs: 250 });
    expect(told()).toEqual({ code: 'overloaded', message: 'full' });
    expect(told(Number.NaN)).toEqual({ code: 'overloaded', message: 'full' });
  });

  it('says the same in the other encoding', () => {
    const json = writeDone('json', 'a', { deep: [1, 'é'] }, { load: { cpu: 0, memory: 0, queueDepth: 1 } });
    const packed = inEncoding('msgpack', json);
    expect(decodeBody(packed.part as Uint8Array, 'msgpack', limits)).toEqual(JSON.parse(json.part as string));
    expect(inEncoding('json', packed)).toEqual(json);
    expect(inEncoding('json', json)).toBe(json);
  });
});

function circle(): unknown {
  const self: { self?: unknown } = {};
  self.self = self;
  return self;
}
