import { type Applied, type Change, type Outcome, ReplicatedState } from '@nexus/core/replicated-state';
import { type Entry } from '@nexus/core/raft';
import { type ReadReply } from '@nexus/contracts';
import { hold, type LogMirror } from '@nexus/testing';
import { decodeProposal } from '../proposal-codec.js';
import { nameOf } from './work.js';

const text = JSON.stringify;

/** The one sequence that is committed, and what it makes of the state, as far as any replica has shown it. */
export class Journal {
  readonly state = new ReplicatedState();
  private readonly entries: Entry[] = [];
  private readonly applied: (Applied | null)[] = [];
  private readonly outcomes = new Map<string, Outcome[]>();
  private readonly versions = new Map<string, { readonly version: number; readonly value: unknown }[]>();

  get lastIndex(): number {
    return this.entries.length;
  }

  /** A member has applied all that its log has from `after` up to `index`. */
  learn(member: string, log: LogMirror, after: number, index: number): void {
    for (let at = after + 1; at <= index; at += 1) {
      const entry = log.entryAt(at);
      hold(entry !== undefined, 'what is applied is in the log', () => `${member} has no entry ${at}`);
      const known = this.entries[at - 1];
      if (known === undefined) this.add(entry);
      else
        hold(
          isSame(known, entry),
          'what is committed is never lost, and the same everywhere',
          () => `entry ${at} was of term ${known.term}, and ${member} has one of term ${entry.term}`,
        );
    }
  }

  changesOf(after: number, index: number): Change[] {
    return this.applied.slice(after, index).flatMap((applied) => applied?.changes ?? []);
  }

  /** What was answered is what an entry of that name came to. */
  confirm(name: string, outcome: Outcome): void {
    hold(
      this.outcomes.get(name)?.some((known) => text(known) === text(outcome)) === true,
      'an answer is what the log says',
      () => `${name} was told ${text(outcome)}, of ${text(this.outcomes.get(name))}`,
    );
  }

  /** What is read is what all entries up to its index have made. */
  confirmReading(reading: ReadReply): void {
    if (!('key' in reading)) return;
    const { key, index, version, value } = reading;
    const last = this.versions.get(key)?.findLast((change) => change.version <= index);
    hold(
      version === (last?.version ?? 0) && text(value) === text(last?.value ?? null),
      'what is read is what the log says',
      () => `${text(reading)}, and it was ${text(last)}`,
    );
  }

  private add(entry: Entry): void {
    hold(
      entry.index === this.entries.length + 1,
      'every committed entry is seen',
      () => `${entry.index} after ${this.entries.length}`,
    );
    this.entries.push(entry);
    if (entry.kind !== 'command') {
      this.applied.push(null);
      return;
    }
    const proposal = decodeProposal(entry.command);
    const applied = this.state.apply(entry, proposal);
    this.applied.push(applied);
    for (const change of applied.changes) if (change.kind === 'key') push(this.versions, change.key, change);
    const name = nameOf(proposal.command);
    if (name === undefined) return;
    push(this.outcomes, name, applied.outcome);
    hold(
      new Set(this.outcomes.get(name)?.map(({ index }) => index)).size === 1,
      'a request is applied once',
      () => `${name} came to ${text(this.outcomes.get(name))}`,
    );
  }
}

function isSame(a: Entry, b: Entry): boolean {
  if (a === b) return true;
  if (a.term !== b.term || a.kind !== b.kind) return false;
  return a.kind !== 'command' || b.kind !== 'command' || Buffer.compare(a.command, b.command) === 0;
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
