import { describe, expect, it } from '@jest/globals';
import { agentIdSchema, parse, type RelayOrder, type RelayReport, relayReportSchema } from '@nexus/contracts';
import { decodeBody, type Encoding, envelopeBytes } from '@nexus/wire';
import fc from 'fast-check';
import { ReportDraft } from './report-draft.js';

const id = (name: string) => parse(agentIdSchema, name, 'agentId');
const bytesMax = 2_048;
const unbounded = { bytesMax: 1 << 20, depthMax: 64 };

function draftOf(order: Pick<RelayOrder, 'want' | 'aggregate'>, encoding: Encoding = 'json') {
  const draft = new ReportDraft(
    { relayId: id('r'), encoding, bodyBytesMax: bytesMax + envelopeBytes },
    order,
  );
  const take = (missing?: string[]): RelayReport[] =>
    draft.take(missing?.map(id)).map((body) => {
      expect(body.length).toBeLessThanOrEqual(bytesMax);
      return parse(relayReportSchema, decodeBody(body, encoding, unbounded), 'report');
    });
  return { draft, take };
}

const done = (data: unknown) => ({ kind: 'done' as const, data });

describe('ReportDraft', () => {
  it('gives a sign of life where there is nothing to say', () => {
    expect(draftOf({ want: 'answers' }).take()).toEqual([{ relayId: 'r' }]);
  });

  it('says each thing once, and with the last report who was silent', () => {
    const { draft, take } = draftOf({ want: 'answers' });
    draft.answered(id('a'), done(1), 10);
    draft.answered(id('b'), { kind: 'failed', code: 'internal', message: 'no' }, 10);
    draft.notThere(id('c'));
    expect(take(['d'])).toEqual([
      {
        relayId: 'r',
        answers: [
          { agentId: 'a', ok: true, data: 1 },
          { agentId: 'b', ok: false, error: { code: 'internal', message: 'no' } },
        ],
      },
      { relayId: 'r', reached: [], failed: [], unreached: ['c'] },
      { relayId: 'r', missing: ['d'], final: true },
    ]);
    expect(take([])).toEqual([{ relayId: 'r', missing: [], final: true }]);
  });

  it('names in each report those whose answers are in its aggregate', () => {
    const { draft, take } = draftOf({ want: 'aggregate', aggregate: { name: 'sum', field: '/n' } });
    draft.answered(id('a'), done({ n: 1 }), 10);
    draft.answered(id('b'), done({ other: 1 }), 10);
    draft.answered(id('c'), { kind: 'failed', code: 'internal', message: 'no' }, 10);
    expect(take()).toMatchObject([
      { reached: ['a', 'b'], failed: [{ agentId: 'c' }], state: { n: 1, sums: [1, 0, 0, 0] } },
    ]);
    draft.answered(id('d'), done({ n: 5 }), 10);
    expect(take()).toMatchObject([{ reached: ['d'], state: { n: 1, sums: [5, 0, 0, 0] } }]);
  });

  it.each(['json', 'msgpack'] as const)(
    'splits answers in %s over as many reports as it takes',
    (encoding) => {
      fc.assert(
        fc.property(fc.array(fc.string({ maxLength: 1_500 }), { maxLength: 20 }), (texts) => {
          const { draft, take } = draftOf({ want: 'answers' }, encoding);
          texts.forEach((text, at) => draft.answered(id(`a${at}`), done(text), text.length));
          const answers = take([]).flatMap((report) => report.answers ?? []);
          expect(answers.map(({ agentId }) => agentId)).toEqual(texts.map((_, at) => `a${at}`));
          answers.forEach((answer, at) => {
            if (answer.ok) expect(answer.data).toBe(texts[at]);
            else expect(answer.error.code).toBe('payload_too_large');
          });
        }),
      );
    },
  );

  it('makes an answer that fits no report the failure of its agent', () => {
    const { draft, take } = draftOf({ want: 'answers' });
    draft.answered(id('a'), done('x'.repeat(3_000)), 3_000);
    draft.answered(id('b'), done(1), 10);
    const answers = take().flatMap((report) => report.answers ?? []);
    expect(answers).toMatchObject([
      { agentId: 'a', ok: false, error: { code: 'payload_too_large' } },
      { agentId: 'b', ok: true },
    ]);
  });

  it('names nobody whose aggregate fits no report', () => {
    const { draft, take } = draftOf({ want: 'aggregate', aggregate: { name: 'majority', field: '' } });
    draft.answered(id('a'), done('x'.repeat(3_000)), 3_000);
    expect(draft.full).toBe(true);
    expect(take([])).toEqual([{ relayId: 'r', missing: [], final: true }]);
  });
});
