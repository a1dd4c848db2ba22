import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, limits, type Outcome } from '@nexus/contracts';
import { IntelligenceStack, outcome, work } from './intelligence-stack.js';

let stack: IntelligenceStack;

beforeAll(async () => {
  stack = await IntelligenceStack.start({ NEXUS_LEARN_SHARE_MAX: '0.01', NEXUS_LEARN_USER_SHARE_MAX: '0.1' });
});

afterAll(() => stack.stop());

const learned = (coordinationId: string) => {
  const { type, choice, features, durationMs, success } = outcome(coordinationId);
  return { coordinationId, type, choice, features, durationMs, success };
};

describe('collect', () => {
  it('stores a report once, however often it is told, and an outcome once, in whichever report', async () => {
    const report = stack.reportOf([outcome('once-1'), outcome('once-2')], [work('a1', 5)]);
    expect(await stack.send(report)).toEqual({ stored: 3, duplicates: 0 });
    expect(await stack.send(report)).toEqual({ stored: 0, duplicates: 3 });
    expect(await stack.report([outcome('once-2'), outcome('once-3')])).toEqual({ stored: 1, duplicates: 1 });
    expect((await stack.models()).history).toMatchObject({ outcomes: 3, work: 1, duplicates: 4 });
  });

  it('keeps the latest 10,000 of each, and forgets what it knew of the others', async () => {
    const { reportedWorkMax, reportedOutcomesMax, historyMax } = limits;
    await stack.report([outcome('rare', { type: 'broadcast' }), outcome('seldom', { user: 'bob' })]);
    const samples = Array.from({ length: reportedWorkMax }, () => work('a1', 5));
    for (let at = 0; at <= historyMax / reportedOutcomesMax; at++) {
      const outcomes = Array.from({ length: reportedOutcomesMax }, (_, n) => outcome(`many-${at}-${n}`));
      await stack.report(outcomes, samples.slice(0, at < 25 ? reportedWorkMax : 0));
    }
    const { history } = await stack.models();
    expect(history).toMatchObject({ work: historyMax, max: historyMax });
    expect(history.outcomes).toBeLessThanOrEqual(historyMax);
    expect(history.outcomes).toBeGreaterThan(0.98 * historyMax);
    await expect(
      stack.call(endpoints.intelligenceExplain, { coordinationId: 'once-1' }),
    ).rejects.toMatchObject({
      code: 'not_found',
    });
    // A flood of one type, or by one user, pushes out its own.
    expect(await stack.call(endpoints.intelligenceExplain, { coordinationId: 'rare' })).toMatchObject({
      type: 'broadcast',
    });
    expect(await stack.call(endpoints.intelligenceExplain, { coordinationId: 'seldom' })).toMatchObject({
      user: 'bob',
    });
    expect(await stack.report([outcome('once-1')])).toEqual({ stored: 1, duplicates: 0 });
  });
});

describe('explain', () => {
  it('tells what was chosen and why', async () => {
    const chosen: Outcome = outcome('explained', { durationMs: 12.5 });
    await stack.report([chosen]);
    expect(await stack.call(endpoints.intelligenceExplain, { coordinationId: 'explained' })).toEqual(chosen);
  });
});

describe('learn', () => {
  it('takes from a user what is within the quota, and never in the place of what was seen', async () => {
    const tell = (id: string, userId: string) =>
      stack.call(endpoints.intelligenceLearn, learned(id), { userId });
    await stack.report([outcome('seen')]);
    expect(await tell('seen', 'mallory')).toEqual({ accepted: true, reason: 'stored' });
    expect(await tell('seen', 'mallory')).toEqual({ accepted: false, reason: 'duplicate' });
    expect(await stack.call(endpoints.intelligenceExplain, { coordinationId: 'seen' })).toMatchObject({
      user: 'alice',
    });
    expect(await tell('unseen', 'mallory')).toMatchObject({ accepted: true });
    expect(await stack.report([outcome('unseen')])).toEqual({ stored: 1, duplicates: 0 });
    for (let at = 2; at < 10; at++) await tell(`flood-${at}`, 'mallory');
    expect(await tell('flood-10', 'mallory')).toEqual({ accepted: false, reason: 'over_quota' });
    expect(await tell('flood-10', 'bob')).toMatchObject({ accepted: true });
    expect(await stack.call(endpoints.intelligenceLearnAnonymous, learned('flood-10'))).toMatchObject({
      accepted: true,
    });
    expect((await stack.models()).history.refused).toBe(1);
  });

  it('takes nobody at their word for how likely a choice was', async () => {
    const weighty = { ...learned('weighty'), propensity: 0.01 };
    await expect(stack.call(endpoints.intelligenceLearnAnonymous, weighty)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  it('refuses a choice that the type does not have', async () => {
    const nonsense = { ...learned('x'), choice: 'round_robin' };
    await expect(stack.call(endpoints.intelligenceLearnAnonymous, nonsense)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});

describe('every subject', () => {
  const subjects = Object.values(endpoints).filter(({ service }) => service === 'intelligence');
  const hostile = ['', '{', '[]', 'null', '{"no":"such"}', '{"features":{"load":1e999}}', '[['.repeat(99)];

  it.each(subjects.map(({ name, template }) => [name, template] as const))(
    '%s answers hostile input with a typed error',
    async (name, template) => {
      const subject = `nexus.${template.replace('{userId}', 'mallory')}`;
      const empty = ['intelligence-models', 'intelligence-anomalies'].includes(name);
      for (const body of hostile) {
        const reply = await stack.connection.nats.request(subject, body, { timeout: 5_000 });
        const status = reply.headers?.get('Nats-Service-Error-Code') ?? '';
        if (body === '' && (status === '' || empty)) continue;
        expect([body, status]).toEqual([body, expect.stringMatching(/^4\d\d$/)]);
      }
    },
  );
});
