import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type CommandInput, type ErrorCode, limits, NexusError, type ProposeReply } from '@nexus/contracts';
import { stateLimits } from '@nexus/core/replicated-state';
import { InMemoryDecisionLog } from '@nexus/testing';
import { type Caller, type CallOptions } from '@nexus/wire';
import { type RetryPolicy } from '../client/retrying.js';
import { DecisionLogClient } from './decision-log-client.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const put = { type: 'put', key: 'k', value: 1 } as const;
const given: ProposeReply = { index: 7, term: 2, version: 7 };

interface Asked {
  readonly requestId: string;
  readonly command: CommandInput;
  /** How long the service may try. */
  readonly timeoutMs: number;
}

interface Try extends Asked {
  readonly sentAtMs: number;
}

/** What becomes of a try; silence is a promise that never ends. */
type Fate = (asked: Asked) => Promise<ProposeReply>;

const silence: Fate = () => new Promise<never>(() => undefined);
const done: Fate = () => Promise.resolve(given);
const fault =
  (code: ErrorCode, retryAfterMs?: number): Fate =>
  () =>
    Promise.reject(new NexusError(code, `said ${code}`, { retryAfterMs }));

/** Ends as a call does: with its answer, with the reason of its signal, or when its time is up. */
function endOf(answer: Promise<ProposeReply>, { timeoutMs, signal }: CallOptions): Promise<ProposeReply> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new NexusError('deadline_exceeded', 'no reply'));
    const timer = setTimeout(late, timeoutMs);
    signal?.addEventListener('abort', () => reject(signal.reason as NexusError), { once: true });
    void answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A client whose tries end so, one after the other, the last one again and again. */
function clientOf(fates: readonly Fate[], retry: RetryPolicy = { retriesMax: 3, baseMs: 0, capMs: 0 }) {
  const tries: Try[] = [];
  const call = (_endpoint: unknown, _parameters: unknown, body: Asked, options: CallOptions) => {
    if (options.signal?.aborted) return Promise.reject(options.signal.reason as NexusError);
    const fate = fates[Math.min(tries.length, fates.length - 1)]!;
    tries.push({ ...body, sentAtMs: performance.now() });
    return endOf(fate(body), options);
  };
  return {
    tries,
    client: new DecisionLogClient({ caller: { call: call as unknown as Caller['call'] }, retry }),
  };
}

/** What a proposal ends with: its reply, or the code of its fault. */
const endingOf = (proposal: Promise<ProposeReply>) =>
  proposal.catch((error: unknown) => NexusError.from(error).code);

const lost = () => new NexusError('conflict', 'the lease ran out');

describe('a proposal whose signal is aborted', () => {
  it('is unknown once it was sent, whatever the reason says', async () => {
    const { client, tries } = clientOf([silence]);
    const stopped = new AbortController();
    const proposal = client.propose(put, { signal: stopped.signal });
    const ending = expect(proposal).rejects.toMatchObject({ code: 'unknown', cause: { code: 'conflict' } });
    await jest.advanceTimersByTimeAsync(1);
    stopped.abort(lost());
    await ending;
    expect(tries.length).toBe(1);
  });

  it('is unknown when an earlier try may be committed', async () => {
    const { client, tries } = clientOf([fault('unknown')], { retriesMax: 3, baseMs: 10_000, capMs: 10_000 });
    const stopped = new AbortController();
    const ending = endingOf(client.propose(put, { signal: stopped.signal, timeoutMs: 60_000 }));
    await jest.advanceTimersByTimeAsync(0);
    stopped.abort(lost());
    expect(await ending).toBe('unknown');
    expect(tries.length).toBe(1);
  });

  it('fails with the reason when nothing was sent', async () => {
    const { client, tries } = clientOf([done]);
    const reason = lost();
    await expect(client.propose(put, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(tries.length).toBe(0);
  });

  it('is refused when the log had refused it by then', async () => {
    const stopped = new AbortController();
    const refusing: Fate = (asked) => {
      const refused = fault('conflict')(asked);
      // After the call has ended, and before whoever called hears of it.
      refused.catch(() => Promise.resolve().then(() => stopped.abort(lost())));
      return refused;
    };
    const { client } = clientOf([refusing]);
    await expect(client.propose(put, { signal: stopped.signal })).rejects.toMatchObject({
      code: 'conflict',
      message: 'said conflict',
    });
    expect(stopped.signal.aborted).toBe(true);
  });
});

describe('a proposal of which a try may be committed', () => {
  it.each<ErrorCode>(['unavailable', 'forbidden', 'payload_too_large', 'invalid_argument'])(
    'is unknown, though a later one ends with %s',
    async (code) => {
      const ending = endingOf(clientOf([fault('unknown'), fault(code)]).client.propose(put));
      await jest.runAllTimersAsync();
      expect(await ending).toBe('unknown');
    },
  );

  it.each<ErrorCode>(['conflict', 'not_found'])(
    'is what the log says of its request id: %s',
    async (code) => {
      const ending = endingOf(clientOf([fault('unknown'), fault(code)]).client.propose(put));
      await jest.runAllTimersAsync();
      expect(await ending).toBe(code);
    },
  );
});

describe('the repeats of a proposal', () => {
  it('are applied once, however long the caller waits', async () => {
    const log = new InMemoryDecisionLog();
    const applied: Fate = ({ command, requestId }) => {
      log.nowMs = performance.now();
      return log.propose(command, { requestId });
    };
    const unheard: Fate = (asked) => applied(asked).then(() => silence(asked));
    const { client, tries } = clientOf([unheard, applied]);
    const ending = endingOf(client.propose(put, { timeoutMs: limits.timeoutMsMax }));
    await jest.runAllTimersAsync();
    expect(await ending).toMatchObject({ version: 1 });
    expect(await log.read('k')).toMatchObject({ version: 1 });
    expect(tries.length).toBe(2);
  });

  it.each([1, 3, 100])(
    'end while the log remembers the request id, and then it is unknown; %i of them',
    async (retriesMax) => {
      const { client, tries } = clientOf([silence], { retriesMax, baseMs: 20_000, capMs: 20_000 });
      const ending = endingOf(client.propose(put, { timeoutMs: limits.timeoutMsMax }));
      await jest.runAllTimersAsync();
      expect(await ending).toBe('unknown');
      expect(tries.length).toBeGreaterThan(1);
      const endsMs = tries.map(({ sentAtMs, timeoutMs }) => sentAtMs + timeoutMs - tries[0]!.sentAtMs);
      expect(Math.max(...endsMs)).toBeLessThan(stateLimits.requestIdWindowMs);
    },
  );

  it('are none after a wait that outlasts the memory of the log', async () => {
    const { client, tries } = clientOf([fault('unknown', stateLimits.requestIdWindowMs), done]);
    const ending = endingOf(client.propose(put, { timeoutMs: limits.timeoutMsMax }));
    await jest.runAllTimersAsync();
    expect(await ending).toBe('unknown');
    expect(tries.length).toBe(1);
  });

  it('are none after the process stood still for so long', async () => {
    const { client, tries } = clientOf([fault('unknown', 1_000), done]);
    const ending = endingOf(client.propose(put, { timeoutMs: limits.timeoutMsMax }));
    await jest.advanceTimersByTimeAsync(0);
    const now = jest.spyOn(performance, 'now').mockReturnValue(stateLimits.requestIdWindowMs * 2);
    try {
      await jest.runAllTimersAsync();
      expect(await ending).toBe('unknown');
    } finally {
      now.mockRestore();
    }
    expect(tries.length).toBe(1);
  });

  it('begin no window while all that was sent came to nothing', async () => {
    const laterThanThat = fault('unavailable', stateLimits.requestIdWindowMs * 2);
    const { client } = clientOf([laterThanThat, done]);
    const ending = endingOf(client.propose(put, { timeoutMs: limits.timeoutMsMax }));
    await jest.runAllTimersAsync();
    expect(await ending).toEqual(given);
  });

  it('leave the last one all the time that the caller has', async () => {
    const { client, tries } = clientOf([fault('not_leader'), done], { retriesMax: 1, baseMs: 0, capMs: 0 });
    await Promise.all([client.propose(put, { timeoutMs: 60_000 }), jest.runAllTimersAsync()]);
    expect(tries.map(({ timeoutMs }) => timeoutMs)).toEqual([4_900, 59_900]);
  });

  it('have a window that is the same in the contract and in the log', () => {
    expect(limits.idempotencyWindowMs).toBe(stateLimits.requestIdWindowMs);
  });
});
