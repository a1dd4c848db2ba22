import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Outcome, type Proposal, ReplicatedState, type SessionStamp } from './index.js';

/** What clients and the network may do next; numbers choose among what there is. */
type Step =
  | { readonly kind: 'open' }
  | { readonly kind: 'request'; readonly session: number; readonly requestId: number | null }
  | { readonly kind: 'deliver'; readonly request: number; readonly late: boolean }
  | { readonly kind: 'settle'; readonly session: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restore' };

const choice = fc.nat({ max: 1_000 });
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      session: choice,
      requestId: fc.option(fc.nat({ max: 5 })),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ kind: fc.constant('deliver' as const), request: choice, late: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const), session: choice }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 120 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restore' as const) }) },
);

interface Client {
  readonly clientId: string;
  readonly openedAtIndex: number;
  nextSeq: number;
  settledBelow: number;
}
interface Request {
  readonly client: Client;
  readonly seq: number;
  readonly requestId: string | undefined;
  readonly key: string;
  readonly value: unknown;
  /** As it was first sent: a message that was delayed says what the client knew then. */
  readonly first: SessionStamp;
  readonly answers: Outcome[];
}

const limits = {
  sessionsMax: 2,
  sessionIdleMs: 200,
  outcomesPerSessionMax: 3,
  sessionOutcomesMax: 5,
  /** Fewer than there are ids, so that they overflow. */
  requestIdsMax: 3,
  requestIdWindowMs: 1_000_000,
};
const unsaved = ['session_unknown', 'stale_repeat'];

/** Clients that number their requests, and a network that delivers each of them any number of times, at any time. */
class World {
  state = new ReplicatedState(limits);
  nowMs = 0;
  readonly clients: Client[] = [];
  readonly requests: Request[] = [];
  /** How often each key was written. */
  readonly writes = new Map<string, number>();

  step(step: Step): void {
    switch (step.kind) {
      case 'open':
        this.clients.push({
          clientId: `c${this.clients.length}`,
          openedAtIndex: this.state.appliedIndex,
          nextSeq: 1,
          settledBelow: 1,
        });
        return;
      case 'request':
        this.request(this.clients[step.session % this.clients.length], step.requestId);
        return;
      case 'deliver':
        this.deliver(this.requests[step.request % this.requests.length], step.late);
        return;
      case 'settle': {
        const client = this.clients[step.session % this.clients.length];
        if (client) client.settledBelow = client.nextSeq;
        return;
      }
      case 'wait':
        this.nowMs += step.ms;
        return;
      case 'restore':
        this.state = ReplicatedState.restore(this.state.image(), limits);
    }
  }

  private request(client: Client | undefined, id: number | null): void {
    if (client === undefined) return;
    const { clientId, openedAtIndex, settledBelow } = client;
    const seq = client.nextSeq++;
    const requestId = id === null ? undefined : `r${id}`;
    this.requests.push({
      client,
      seq,
      requestId,
      key: requestId ?? `${clientId}-${seq}`,
      value: requestId ?? seq,
      first: { clientId, seq, settledBelow, openedAtIndex },
      answers: [],
    });
  }

  private deliver(request: Request | undefined, late: boolean): void {
    if (request === undefined) return;
    const { client, first, key, value, requestId, answers } = request;
    const session = late ? first : { ...first, settledBelow: Math.min(client.settledBelow, first.seq) };
    const proposal: Proposal = {
      atMs: this.nowMs,
      session,
      requestId,
      command: { type: 'put', key, value },
    };
    const position = { index: this.state.appliedIndex + 1, term: 1 };
    const { outcome, changes, repeated } = this.state.apply(position, proposal);
    answers.push(outcome);
    expect(changes).toHaveLength(outcome.kind === 'done' && !repeated ? 1 : 0);
    if (changes.length > 0) this.writes.set(key, (this.writes.get(key) ?? 0) + 1);
  }
}

describe('R22: a request', () => {
  it('is applied at most once, however often and in whatever order it arrives', () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 120 }), (steps) => {
        const world = new World();
        for (const step of steps) world.step(step);
        for (const [key, count] of world.writes) expect([key, count]).toEqual([key, 1]);
        for (const { answers } of world.requests) {
          const saved = answers.filter((answer) => !isUnsaved(answer));
          for (const answer of saved) expect(answer).toEqual(saved[0]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is applied by the first entry that a session admits', () => {
    const world = new World();
    world.step({ kind: 'open' });
    for (let request = 0; request < 3; request++)
      world.step({ kind: 'request', session: 0, requestId: null });
    for (const request of [2, 0, 2, 1, 0]) world.step({ kind: 'deliver', request, late: true });
    expect([...world.writes]).toEqual([
      ['c0-3', 1],
      ['c0-1', 1],
      ['c0-2', 1],
    ]);
  });
});

function isUnsaved(outcome: Outcome): boolean {
  return outcome.kind === 'refused' && unsaved.includes(outcome.code);
}
