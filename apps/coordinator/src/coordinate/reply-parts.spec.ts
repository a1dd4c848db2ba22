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
import { entryBytes, PartPacker, splitReply } from './reply-parts.js';

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

describe('entryBytes', () => {
  it('is never less than an entry takes, in either encoding', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const entry = { agentId: 'a', data };
        const most = entryBytes(entry);
        expect(encodeBody(entry, 'json').length).toBeLessThanOrEqual(most);
        expect(encodeBody(entry, 'msgpack').length).toBeLessThanOrEqual(most);
      }),
    );
  });
});

describe('PartPacker', () => {
  const pack = (bytesMax: number) => {
    const parts: CoordinatePart['part'][] = [];
    return { parts, packer: new PartPacker(bytesMax, (part) => parts.push(part)) };
  };

  it('collects until a part is full, and keeps the order', () => {
    const entries = ['a', 'b', 'c', 'd', 'e'].map(agentId);
    const { parts, packer } = pack(2 * entryBytes('a'));
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

describe('splitReply', () => {
  it('moves every entry of every list into parts that fit, and leaves the rest', () => {
    const reply = gathered(500, { text: 'ü'.repeat(50) });
    const { parts, final } = splitReply(reply, 10_000);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) {
      expect(part).toMatchObject({ coordinationId: 'c-1', type: 'gather' });
      expect(encodeBody(part.part).length).toBeLessThanOrEqual(10_000);
    }
    expect(parts.flatMap(({ part }) => part.responses ?? [])).toEqual(
      reply.type === 'gather' ? reply.result.responses : [],
    );
    expect(parts.flatMap(({ part }) => part.failed ?? [])).toEqual([{ agentId: 'f', code: 'internal' }]);
    expect(parts.flatMap(({ part }) => part.missing ?? [])).toEqual(['m']);
    expect(final).toEqual({
      ...reply,
      result: { responses: [], failed: [], missing: [], aggregate: 7, sampleSize: 500 },
    });
  });

  it('does not touch the reply that it splits', () => {
    const reply = gathered(3);
    splitReply(reply, 100);
    expect(reply).toEqual(gathered(3));
  });
});
