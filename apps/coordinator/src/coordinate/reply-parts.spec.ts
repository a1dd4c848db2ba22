import { describe, expect, it } from '@jest/globals';
import {
  agentIdSchema,
  type CoordinatePart,
  type CoordinateReply,
  coordinateReplySchema,
  parse,
} from '@nexus/contracts';
import { encodeBody } from '@nexus/wire';
import fc from 'fast-check';
import { noParts } from '../coordination/part-sink.js';
import { PartPacker, partsOf } from './reply-parts.js';
import { entryBytes, exceeds, withoutEntries } from './reply-size.js';

const bound = (bytesMax: number) => ({ encoding: 'json' as const, bytesMax });
const agentId = (text: string) => parse(agentIdSchema, text, 'agentId');

function gathered(count: number, data: unknown = 'x'): CoordinateReply {
  return coordinateReplySchema.parse({
    coordinationId: 'c-1',
    type: 'gather',
    status: 'partial',
    layer: 'foundation',
    strategy: 'foundation',
    fallbacks: [],
    result: {
      responses: Array.from({ length: count }, (_, index) => ({ agentId: `a-${index}`, data })),
      failed: [{ agentId: 'f', code: 'internal' }],
      missing: ['m'],
      aggregate: 7,
      sampleSize: count,
    },
    explain: {
      requestedMaxLayer: 'adaptive',
      candidates: [],
      rule: null,
      model: null,
      evidence: null,
      routes: { version: 1, ageMs: 0 },
    },
    performance: { durationMs: 1, agents: count, throughputPerS: 1 },
    clock: {},
    traceId: 't',
  });
}

describe('exceeds', () => {
  it('is true of whatever is larger than the bound, in either encoding, and of little else', () => {
    const data = fc.array(fc.jsonValue(), { maxLength: 5 });
    fc.assert(
      fc.property(
        data,
        fc.nat(40),
        fc.constantFrom('json' as const, 'msgpack' as const),
        (value, count, encoding) => {
          const reply = gathered(count, value);
          const bytes = encodeBody(reply, encoding).length;
          const allLists = 3;
          expect(exceeds(reply, { encoding, bytesMax: bytes - 1 })).toBe(true);
          expect(exceeds(reply, { encoding, bytesMax: bytes + allLists + count })).toBe(false);
        },
      ),
    );
  });

  it('writes no further than the bound', () => {
    let written = 0;
    const counted = {
      toJSON: () => {
        written += 1;
        return 'x'.repeat(100);
      },
    };
    const reply = gathered(1_000, null);
    if (reply.type === 'gather') for (const response of reply.result.responses) response.data = counted;
    expect(exceeds(reply, bound(3_000))).toBe(true);
    expect(written).toBeLessThan(100);
  });
});

describe('withoutEntries', () => {
  it('leaves all but the lists', () => {
    const reply = gathered(500);
    expect(withoutEntries(reply)).toEqual({
      ...reply,
      result: { responses: [], failed: [], missing: [], aggregate: 7, sampleSize: 500 },
    });
  });
});

describe('PartPacker', () => {
  const pack = (bytesMax: number) => {
    const parts: CoordinatePart['part'][] = [];
    return { parts, packer: new PartPacker(bound(bytesMax + 512), (part) => parts.push(part)) };
  };

  it('collects until a part is full, and keeps the order', () => {
    const entries = ['a', 'b', 'c', 'd', 'e'].map(agentId);
    const { parts, packer } = pack(2 * entryBytes('a', 'json'));
    for (const entry of entries) packer.add('missing', entry);
    packer.flush();
    expect(parts).toEqual([{ missing: ['a', 'b'] }, { missing: ['c', 'd'] }, { missing: ['e'] }]);
  });

  it('puts entries of several lists into one part', () => {
    const { parts, packer } = pack(1_000_000);
    packer.add('missing', agentId('m'));
    packer.add('acknowledged', agentId('a'));
    packer.flush();
    expect(parts).toEqual([{ missing: ['m'], acknowledged: ['a'] }]);
  });

  it('sends an entry that is larger than a part on its own', () => {
    const { parts, packer } = pack(50);
    packer.add('missing', agentId('m'));
    packer.add('responses', { agentId: agentId('a'), data: 'x'.repeat(100) });
    packer.add('missing', agentId('n'));
    packer.flush();
    expect(parts.map((part) => Object.keys(part))).toEqual([['missing'], ['responses'], ['missing']]);
  });

  it('sends nothing when there is nothing', () => {
    const { parts, packer } = pack(50);
    packer.flush();
    packer.add('missing', agentId('m'));
    packer.flush();
    packer.flush();
    expect(parts).toHaveLength(1);
  });
});

describe('partsOf', () => {
  it.each(['json', 'msgpack'] as const)(
    'puts every entry of every list into parts that fit, in %s',
    (encoding) => {
      const reply = gathered(500, { text: 'ü'.repeat(50) });
      const parts = partsOf(reply, { encoding, bytesMax: 10_000 }, noParts);
      expect(parts.length).toBeGreaterThan(1);
      for (const part of parts) {
        expect(part).toMatchObject({ coordinationId: 'c-1', type: 'gather' });
        expect(encodeBody(part, encoding).length).toBeLessThanOrEqual(10_000);
      }
      expect(parts.flatMap(({ part }) => part.responses ?? [])).toEqual(
        reply.type === 'gather' ? reply.result.responses : [],
      );
      expect(parts.flatMap(({ part }) => part.failed ?? [])).toEqual([{ agentId: 'f', code: 'internal' }]);
      expect(parts.flatMap(({ part }) => part.missing ?? [])).toEqual(['m']);
    },
  );

  it('leaves out what was sent before', () => {
    const hasSent = (list: string) => list === 'responses';
    const parts = partsOf(gathered(3), bound(10_000), { hasSent });
    expect(parts.map(({ part }) => part)).toEqual([
      { failed: [{ agentId: 'f', code: 'internal' }], missing: ['m'] },
    ]);
  });

  it('does not touch the reply', () => {
    const reply = gathered(3);
    partsOf(reply, bound(600), noParts);
    withoutEntries(reply);
    expect(reply).toEqual(gathered(3));
  });
});
