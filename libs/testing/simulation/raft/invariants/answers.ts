import { type MemberId } from '@nexus/core/raft';
import { type KeyReading, type Outcome } from '@nexus/core/replicated-state';
import { hold } from '../../violation.js';
import { type Applications } from './applications.js';
import { type Commits } from './commits.js';

export interface AnsweredRead {
  readonly member: MemberId;
  /** Up to where the state was applied that was read. */
  readonly appliedIndex: number;
  /** What was answered by anybody when the read was asked. */
  readonly floor: number;
  readonly reading: KeyReading;
}

/** What clients are told: it stands, and no later read misses it (linearizability; dissertation, §6.4). */
export class Answers {
  private known = 0;

  constructor(
    private readonly commits: Commits,
    private readonly applications: Applications,
  ) {}

  /** The latest entry that an answer was based on: what is asked from now on must see it. */
  get floor(): number {
    return this.known;
  }

  proposal(
    member: MemberId,
    entry: { readonly index: number; readonly term: number },
    outcome: Outcome,
  ): void {
    const { index, term } = entry;
    hold(
      index <= this.commits.lastIndex && this.commits.termAt(index) === term,
      'only what is committed is acknowledged',
      () => `${member} acknowledges entry ${index} of term ${term}`,
    );
    hold(
      outcome.index <= index && this.commits.termAt(outcome.index) === outcome.term,
      'an acknowledgement names the entry that took effect',
      () => `${member} answers entry ${index} with ${outcome.index} of term ${outcome.term}`,
    );
    this.known = Math.max(this.known, index);
  }

  read({ member, appliedIndex, floor, reading }: AnsweredRead): void {
    hold(
      appliedIndex >= floor,
      'a read sees all that was answered before it was asked',
      () => `${member} answers from entry ${appliedIndex}, and ${floor} was known`,
    );
    const { version, value } = this.applications.keys.at(reading.key, appliedIndex);
    hold(
      version === reading.version && JSON.stringify(value) === JSON.stringify(reading.value),
      'a read shows what was written',
      () => `${member} reads ${JSON.stringify(reading)} after entry ${appliedIndex}, not version ${version}`,
    );
    this.known = Math.max(this.known, appliedIndex);
  }
}
