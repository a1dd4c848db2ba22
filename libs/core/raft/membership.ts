import { assertNever } from '@nexus/core/invariant';
import { type Configuration, type MemberId, type MembershipChange } from './configuration.js';
import { type Entry } from './entry.js';
import { type RefusalReason } from './step.js';

// Dissertation, §4: the configuration is a part of the log. A member uses the last one that its log holds, committed
// or not; when the entry goes, so does the configuration. Changing one member at a time keeps any two neighbouring
// configurations from having disjoint majorities.

export const nobody: Configuration = { voters: [], learners: [] };

export const isVoter = ({ voters }: Configuration, member: MemberId): boolean => voters.includes(member);

export const isMember = (configuration: Configuration, member: MemberId): boolean =>
  isVoter(configuration, member) || configuration.learners.includes(member);

/** All who are sent the log. */
export const membersOf = ({ voters, learners }: Configuration): readonly MemberId[] => [
  ...voters,
  ...learners,
];

const withMember = (members: readonly MemberId[], member: MemberId) => [...members, member].sort();
const without = (members: readonly MemberId[], member: MemberId) =>
  members.filter((other) => other !== member);

/** The configuration after `change`, or why there is none. */
export function changed(
  configuration: Configuration,
  change: MembershipChange,
): Configuration | RefusalReason {
  const { voters, learners } = configuration;
  const { kind, member } = change;
  switch (kind) {
    case 'add_learner':
      if (isMember(configuration, member)) return 'already_member';
      return { voters, learners: withMember(learners, member) };
    case 'promote':
      if (isVoter(configuration, member)) return 'already_member';
      if (!isMember(configuration, member)) return 'no_such_member';
      return { voters: withMember(voters, member), learners: without(learners, member) };
    case 'remove':
      if (!isMember(configuration, member)) return 'no_such_member';
      if (voters.length === 1 && isVoter(configuration, member)) return 'last_voter';
      return { voters: without(voters, member), learners: without(learners, member) };
    default:
      return assertNever(kind);
  }
}

interface InForce {
  /** From this index on. */
  readonly index: number;
  readonly configuration: Configuration;
}

/** The configurations of one log: that of its snapshot, and those of the entries that follow. */
export class Configurations {
  private history: [InForce, ...InForce[]];

  constructor(index: number, configuration: Configuration) {
    this.history = [{ index, configuration }];
  }

  /** In force: the last one. */
  get current(): Configuration {
    return this.last.configuration;
  }

  /** The index of the entry that brought the one in force. */
  get currentIndex(): number {
    return this.last.index;
  }

  /** The one that was in force at `index`. */
  at(index: number): Configuration {
    const found = this.history.findLast((inForce) => inForce.index <= index);
    return (found ?? this.history[0]).configuration;
  }

  append(entry: Entry): void {
    if (entry.kind !== 'configuration') return;
    this.history.push({ index: entry.index, configuration: entry.configuration });
  }

  /** Entries with this index and above are gone, and what they brought with them. */
  truncate(from: number): void {
    const [base, ...later] = this.history;
    this.history = [base, ...later.filter(({ index }) => index < from)];
  }

  /** A snapshot at `index` holds the configuration from now on. */
  compact(index: number): void {
    const later = this.history.filter((inForce) => inForce.index > index);
    this.history = [{ index, configuration: this.at(index) }, ...later];
  }

  private get last(): InForce {
    return this.history.at(-1) ?? this.history[0];
  }
}
