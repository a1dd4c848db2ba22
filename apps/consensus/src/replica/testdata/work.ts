import { type Proposal } from '@nexus/core/replicated-state';
import { type Entry } from '@nexus/core/raft';
import { hold } from '@nexus/testing';
import { decodeProposal } from '../proposal-codec.js';
import { type Submission, type Submitted } from '../submission.js';

/** Each request has a name of its own, which stands in its command; undefined for one that a replica made. */
export function nameOf(command: Proposal['command']): string | undefined {
  if (command.type === 'put') return command.value as string;
  return command.type === 'lease.acquire' ? command.owner : undefined;
}

interface Attempts {
  asked: number;
  /** Told that nothing was recorded. */
  refused: number;
  answered: number;
  /** Where any replica wrote it. */
  readonly recorded: Set<string>;
}

/** What was asked, what was answered, and what any log has of it. */
export class Ledger {
  private readonly attempts = new Map<string, Attempts>();
  private readonly seen = new Set<string>();

  /** @returns what to call with the answer */
  ask({ command }: Submission): (submitted: Submitted) => void {
    const name = nameOf(command)!;
    const attempts = this.attemptsOf(name);
    attempts.asked += 1;
    let isAnswered = false;
    return ({ kind }) => {
      hold(!isAnswered, 'a proposal is answered once', () => `${name}, again: ${kind}`);
      isAnswered = true;
      attempts.answered += 1;
      if (kind === 'refused') attempts.refused += 1;
    };
  }

  /** An entry goes to somebody's disk. */
  record(entry: Entry): void {
    const position = `${entry.term}/${entry.index}`;
    if (entry.kind !== 'command' || this.seen.has(position)) return;
    this.seen.add(position);
    const name = nameOf(decodeProposal(entry.command).command);
    if (name !== undefined) this.attemptsOf(name).recorded.add(position);
  }

  get asked(): number {
    return this.attempts.size;
  }

  /** At the end. */
  close(): void {
    for (const [name, { asked, answered, refused, recorded }] of this.attempts) {
      hold(answered === asked, 'every proposal is answered', () => `${name}: ${answered} of ${asked}`);
      hold(
        recorded.size <= asked - refused,
        'nobody is told that nothing was recorded of what was (R22)',
        () => `${name}: refused ${refused} of ${asked} times, and in the log at ${[...recorded].join(', ')}`,
      );
    }
  }

  private attemptsOf(name: string): Attempts {
    let attempts = this.attempts.get(name);
    if (attempts === undefined) {
      attempts = { asked: 0, refused: 0, answered: 0, recorded: new Set() };
      this.attempts.set(name, attempts);
    }
    return attempts;
  }
}
