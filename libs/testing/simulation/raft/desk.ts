import { assert, assertNever } from '@nexus/core/invariant';
import { type Effects, type Entry, type Input, type MemberId, type Ticket } from '@nexus/core/raft';
import { type Outcome, type Proposal, type ReplicatedState } from '@nexus/core/replicated-state';
import { type Coverage } from '../coverage.js';
import { type Trace } from '../trace.js';
import { hold } from '../violation.js';
import { type Invariants } from './invariants/invariants.js';
import { type ProposalTable } from './proposal-table.js';
import { type Ask } from './request.js';

interface Waiting {
  readonly term: number;
  readonly ask: Ask;
}

interface DeskOptions {
  readonly member: MemberId;
  readonly table: ProposalTable;
  readonly invariants: Invariants;
  readonly coverage: Coverage;
  readonly trace: Trace;
}

/** Where a member takes requests and answers them: what a ticket was for, and what waits for which entry. */
export class Desk {
  private lastTicket: Ticket = 0;
  private readonly asked = new Map<Ticket, Ask>();
  /** In the log, by index. */
  private readonly waiting = new Map<number, Waiting>();

  constructor(private readonly options: DeskOptions) {}

  /** @param atMs the stamp of a proposal */
  take(ask: Ask, atMs: number): Input {
    this.lastTicket++;
    const ticket = this.lastTicket;
    this.asked.set(ticket, ask);
    const { request } = ask;
    switch (request.kind) {
      case 'propose': {
        const proposal: Proposal = { atMs, session: request.session, command: request.command };
        return { kind: 'propose', ticket, command: this.options.table.encode(proposal) };
      }
      case 'read':
        return { kind: 'read', ticket };
      case 'change':
        return { kind: 'change', ticket, change: request.change };
      case 'transfer':
        return { kind: 'transfer', ticket, to: request.to };
      default:
        return assertNever(request);
    }
  }

  /** What was refused, and what is in the log now; before anything committed is applied. */
  sort({ accepted, refused }: Effects): void {
    for (const { ticket, reason } of refused) {
      this.options.coverage.count(`refused: ${reason}`);
      this.close(ticket).reply({ kind: 'refused', reason });
    }
    for (const { ticket, index, term } of accepted)
      this.waiting.set(index, { term, ask: this.close(ticket) });
  }

  /** An entry is applied. @param outcome of a proposal; null for other entries */
  applied({ index, term }: Entry, outcome: Outcome | null): void {
    const waiting = this.waiting.get(index);
    if (waiting === undefined) return;
    this.waiting.delete(index);
    const { ask } = waiting;
    if (waiting.term !== term) {
      ask.reply({ kind: 'unknown' });
      return;
    }
    if (outcome === null) {
      ask.reply({ kind: 'changed' });
      return;
    }
    this.options.invariants.answers.proposal(this.options.member, { index, term }, outcome);
    this.options.coverage.count('answers: proposals');
    ask.reply({ kind: 'outcome', outcome });
  }

  /** Everything committed is applied: what may be read now. */
  serve({ readable }: Effects, state: ReplicatedState, appliedIndex: number): void {
    for (const { ticket, index } of readable) {
      assert(index <= appliedIndex, 'what is readable is committed');
      const { request, reply } = this.close(ticket);
      assert(request.kind === 'read', 'only a read is readable');
      const reading = state.key(request.key);
      const { member, invariants, coverage, trace } = this.options;
      trace.value(reading);
      invariants.answers.read({ member, appliedIndex, floor: request.floor, reading });
      coverage.count('answers: reads');
      reply({ kind: 'reading', reading });
    }
  }

  /** The member leads no more: nobody here will know what becomes of what is in the log. */
  stepDown(): void {
    for (const { request } of this.asked.values())
      hold(
        request.kind !== 'read',
        'who steps down refuses the reads that wait',
        () => `${this.options.member} leaves one of ${JSON.stringify(request)} without an answer`,
      );
    for (const { ask } of this.waiting.values()) ask.reply({ kind: 'unknown' });
    this.waiting.clear();
  }

  private close(ticket: Ticket): Ask {
    const ask = this.asked.get(ticket);
    assert(ask !== undefined, 'a ticket is answered once');
    this.asked.delete(ticket);
    return ask;
  }
}
