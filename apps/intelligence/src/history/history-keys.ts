import { goalTypes } from '@nexus/contracts';
import { type RedisKeys } from '@nexus/platform/redis';

type GoalType = (typeof goalTypes)[number];

/** Where the history lies in Redis; the scripts know the same layout. */
export class HistoryKeys {
  /** Streams: what coordinators saw, of each type of goal. */
  readonly outcomes: Readonly<Record<GoalType, string>>;
  /** Sorted sets: of each type its entries, those of a user together, in the order of time. */
  readonly byUser: Readonly<Record<GoalType, string>>;
  /** Sorted sets: of each type how many entries each user has. */
  readonly userCounts: Readonly<Record<GoalType, string>>;
  /** Stream: what others told. */
  readonly told: string;
  /** Stream: how work went at agents. */
  readonly work: string;
  /** Hash: of each outcome, the id of its entry; before it the type, where it was seen. */
  readonly index: string;
  /** Hash: how many entries of `told` are from each user. */
  readonly users: string;
  /** Sorted set: the latest reports, by when they came. */
  readonly reports: string;
  /** Hash: what was counted since the history began. */
  readonly counters: string;

  constructor(keys: RedisKeys) {
    const ofEachType = (name: string) =>
      Object.fromEntries(goalTypes.map((type) => [type, keys.of('intelligence', name, type)])) as Record<
        GoalType,
        string
      >;
    this.outcomes = ofEachType('outcomes');
    this.byUser = ofEachType('by-user');
    this.userCounts = ofEachType('user-counts');
    this.told = keys.of('intelligence', 'told');
    this.work = keys.of('intelligence', 'work');
    this.index = keys.of('intelligence', 'index');
    this.users = keys.of('intelligence', 'users');
    this.reports = keys.of('intelligence', 'reports');
    this.counters = keys.of('intelligence', 'counters');
  }
}
