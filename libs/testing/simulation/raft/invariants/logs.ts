import { type Configuration, type Entry, type Write } from '@nexus/core/raft';
import { hold } from '../../violation.js';
import { type MemberRecord } from '../member-record.js';
import { type Commits } from './commits.js';
import { leads, type Stepped } from './stepped.js';

interface Known {
  readonly entry: Entry;
  readonly previousTerm: number;
}

/** Log matching (Raft, figure 3), what truncation may touch, and membership by one change at a time (dissertation, §4). */
export class Logs {
  /** All entries that ever were in a log: by index, then by term. */
  private readonly known: Map<number, Known>[] = [];

  constructor(private readonly commits: Commits) {}

  /** Before a write is issued. @param term of the member, after its step */
  issuing(record: MemberRecord, { truncateFrom, append }: Write, term: number): void {
    if (truncateFrom !== undefined) this.truncating(record, truncateFrom, append[0], term);
  }

  /** After the write is issued. */
  stepped(step: Stepped): void {
    const { record, effects, after } = step;
    for (const entry of effects.write?.append ?? []) {
      this.matches(record, entry);
      if (entry.kind === 'configuration' && leads(after) && entry.term === after.term)
        this.changes(step, entry);
    }
  }

  /** Two entries with one index and term are the same, and so, by induction, are all before them. */
  private matches({ id, current }: MemberRecord, entry: Entry): void {
    const { index, term } = entry;
    const previousTerm = current.termAt(index - 1) ?? 0;
    const atIndex = (this.known[index] ??= new Map<number, Known>());
    const known = atIndex.get(term);
    if (known === undefined) {
      atIndex.set(term, { entry, previousTerm });
      return;
    }
    hold(
      known.previousTerm === previousTerm && isSame(known.entry, entry),
      'logs match',
      () => `entry ${index} of term ${term} in the log of ${id} is not what it is elsewhere`,
    );
  }

  private truncating(record: MemberRecord, from: number, replacement: Entry | undefined, term: number): void {
    const { id, current, acknowledged } = record;
    const removed = current.entryAt(from);
    if (removed === undefined) return;
    const isReplaced = replacement?.index === from && replacement.term === removed.term;
    hold(
      isReplaced || from > this.commits.lastIndex || removed.term !== this.commits.termAt(from),
      'what is committed is not removed from a log',
      () => `${id} removes entry ${from}`,
    );
    hold(
      acknowledged.term !== term || from > acknowledged.index,
      'what was acknowledged to a leader is not removed in its term',
      () =>
        `${id} removes entry ${from} and said in term ${term} that it has all up to ${acknowledged.index}`,
    );
  }

  private changes({ record, effects, configurations: [before] }: Stepped, entry: Entry): void {
    if (entry.kind !== 'configuration') return;
    const { id } = record;
    const previous = previousConfiguration(effects.write!.append, entry.index) ?? before;
    hold(
      differences(previous, entry.configuration) === 1 && isWellFormed(entry.configuration),
      'membership changes by one member at a time',
      () => `${id}: ${JSON.stringify(previous)} → ${JSON.stringify(entry.configuration)}`,
    );
    const previousIndex = lastConfigurationBefore(record, entry.index);
    hold(
      previousIndex <= this.commits.lastIndex && this.commits.hasTerm(entry.term),
      'a membership change waits for the one before it, and for an entry of its own term',
      () => `${id} appends entry ${entry.index} of term ${entry.term} after that at ${previousIndex}`,
    );
  }
}

function previousConfiguration(appended: readonly Entry[], before: number): Configuration | undefined {
  const last = appended.findLast((entry) => entry.kind === 'configuration' && entry.index < before);
  return last?.kind === 'configuration' ? last.configuration : undefined;
}

function lastConfigurationBefore({ current }: MemberRecord, index: number): number {
  if (current.configurationIndex < index) return current.configurationIndex;
  for (let at = index - 1; at > current.snapshot.index; at--)
    if (current.entryAt(at)?.kind === 'configuration') return at;
  return current.snapshot.index;
}

/** Members whose part differs; the promotion of a learner is one. */
function differences(a: Configuration, b: Configuration): number {
  const part = ({ voters, learners }: Configuration, member: string) =>
    voters.some((voter) => voter === member)
      ? 'voter'
      : learners.some((learner) => learner === member)
        ? 'learner'
        : 'none';
  const members = new Set<string>([...a.voters, ...a.learners, ...b.voters, ...b.learners]);
  return [...members].filter((member) => part(a, member) !== part(b, member)).length;
}

function isWellFormed({ voters, learners }: Configuration): boolean {
  const members = [...voters, ...learners];
  return voters.length > 0 && new Set(members).size === members.length;
}

function isSame(a: Entry, b: Entry): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.index !== b.index || a.term !== b.term) return false;
  if (a.kind === 'command' && b.kind === 'command')
    return a.command.length === b.command.length && a.command.every((byte, at) => byte === b.command[at]);
  if (a.kind === 'configuration' && b.kind === 'configuration')
    return differences(a.configuration, b.configuration) === 0;
  return true;
}
