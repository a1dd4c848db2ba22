import { beforeEach, describe, expect, it } from '@jest/globals';
import { coordinateRequestSchema, NexusError, parse, requestIdSchema, userIdSchema } from '@nexus/contracts';
import { InMemoryDecisionLog } from '@nexus/testing';
import { Coordination } from '../coordination/coordination.js';
import { Deadline } from '../coordination/deadline.js';
import { noParts } from '../coordination/part-sink.js';
import { type GoalOf } from '../ladder/layer.js';
import { DecisionRecorder, votingDeadline } from './decision-recorder.js';

type Consensus = Coordination<GoalOf<'consensus'>>;

let log: InMemoryDecisionLog;
let recorder: DecisionRecorder;
let runs = 0;

beforeEach(() => {
  log = new InMemoryDecisionLog();
  recorder = new DecisionRecorder(log);
});

interface Run {
  readonly user?: string;
  /** Default: the time-out. */
  readonly leftMs?: number;
  readonly requestId?: string;
  readonly repeated?: boolean;
  readonly timeoutMs?: number;
  readonly commit?: boolean;
}

function runOf(run: Run = {}): Consensus {
  const { user = 'ann', requestId, repeated = false, timeoutMs = 5_000, commit = true } = run;
  const goal = { type: 'consensus', proposal: { key: 'colour' }, timeoutMs, commit };
  const request = parse(coordinateRequestSchema, { agents: { all: true }, goal }, 'request');
  runs += 1;
  return new Coordination({
    ...{ id: `c-${runs}`, user: parse(userIdSchema, user, 'user'), clock: {}, traceId: '', parts: noParts },
    request: request as Consensus['request'],
    targets: { agents: [], unknown: [], selector: request.agents, routes: { version: 1, ageMs: 0 } },
    deadline: new Deadline(run.leftMs ?? timeoutMs),
    ...(requestId !== undefined && { requestId: parse(requestIdSchema, requestId, 'requestId') }),
    repeated,
  });
}

async function decide(run: Consensus, value: string) {
  return recorder.record(run, await recorder.standing(run), value);
}

describe('DecisionRecorder', () => {
  it('records over what stood when the vote began, and tells where', async () => {
    const first = await decide(runOf(), 'red');
    expect(first).toEqual({ value: 'red', decision: { index: 1, term: 1, version: 1 } });
    expect(await decide(runOf(), 'blue')).toEqual({
      value: 'blue',
      decision: { index: 2, term: 1, version: 2 },
    });
    expect(log.commands).toMatchObject([{ expectedVersion: 0 }, { expectedVersion: 1 }]);
  });

  it('lets one of two that began together win, and tells the other what stands', async () => {
    const [one, two] = [runOf(), runOf()];
    const [stoodForOne, stoodForTwo] = [await recorder.standing(one), await recorder.standing(two)];
    await recorder.record(one, stoodForOne, 'red');
    await expect(recorder.record(two, stoodForTwo, 'blue')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('version 1: "red"') as unknown,
      details: [{ path: 'goal.proposal.key' }],
    });
    expect(await log.read('colour')).toMatchObject({ value: 'red' });
  });

  it('gives the repeat of a request the first decision, whatever was voted the second time', async () => {
    const requestId = 'r-1';
    log.unheard = new NexusError('unknown', 'the leader is gone');
    await expect(decide(runOf({ requestId }), 'red')).rejects.toMatchObject({ code: 'unknown' });
    const first = { value: 'red', decision: { index: 1, term: 1, version: 1 } };
    expect(await decide(runOf({ requestId, repeated: true }), 'blue')).toEqual(first);
    // Where nobody remembers the first run, the log still does.
    expect(await decide(runOf({ requestId }), 'blue')).toEqual(first);
    expect(await recorder.recordedBefore(runOf({ requestId, repeated: true }))).toEqual(first);
    expect(await log.read('colour')).toMatchObject({ value: 'red', version: 1 });
  });

  it('does not pass what stands now off as what a repeated request had decided', async () => {
    const requestId = 'r-1';
    await decide(runOf({ requestId }), 'red');
    await decide(runOf(), 'blue');
    const repeat = runOf({ requestId, repeated: true });
    await expect(decide(repeat, 'red')).rejects.toMatchObject({ code: 'conflict' });
    await expect(recorder.recordedBefore(repeat)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('keeps the ids of two users apart', async () => {
    const first = await decide(runOf({ requestId: 'r-1' }), 'red');
    const other = runOf({ requestId: 'r-1', user: 'bob' });
    expect((await decide(other, 'blue')).decision.version).toBeGreaterThan(first.decision.version);
  });

  it('proposes nothing for an undecided vote that nobody has run before', async () => {
    expect(await recorder.recordedBefore(runOf({ requestId: 'r-1' }))).toBeUndefined();
    expect(log.commands).toEqual([]);
  });

  it('settles an undecided repeat, so that the first run cannot record anything any more', async () => {
    const requestId = 'r-1';
    const first = runOf({ requestId });
    const stood = await recorder.standing(first);
    expect(await recorder.recordedBefore(runOf({ requestId, repeated: true }))).toBeUndefined();
    await expect(recorder.record(first, stood, 'red')).rejects.toMatchObject({ code: 'conflict' });
    expect(await log.read('colour')).toMatchObject({ value: null, version: 0 });
  });

  it.each(['unavailable', 'not_leader', 'unknown'] as const)(
    'fails with %s as the log does',
    async (code) => {
      const run = runOf();
      const stood = await recorder.standing(run);
      log.down = new NexusError(code, 'no leader');
      await expect(recorder.record(run, stood, 'red')).rejects.toMatchObject({ code });
      await expect(recorder.standing(run)).rejects.toMatchObject({ code });
    },
  );

  it('calls a log without room unavailable', async () => {
    log.down = new NexusError('overloaded', 'full', { retryAfterMs: 7 });
    await expect(decide(runOf(), 'red')).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 7 });
  });

  it('does not propose when the time is up', async () => {
    const run = runOf();
    const stood = await recorder.standing(run);
    const late = runOf({ leftMs: 0 });
    await expect(recorder.record(late, stood, 'red')).rejects.toMatchObject({ code: 'unavailable' });
    expect(log.commands).toEqual([]);
  });
});

describe('votingDeadline', () => {
  it('leaves time to record what is decided', () => {
    expect(votingDeadline(runOf({ timeoutMs: 400 })).timeoutMs).toBe(300);
    expect(votingDeadline(runOf({ timeoutMs: 60_000 })).timeoutMs).toBe(58_000);
  });

  it('is the deadline itself where nothing is recorded', () => {
    expect(votingDeadline(runOf({ timeoutMs: 400, commit: false })).timeoutMs).toBe(400);
  });
});
