import { type Configuration, type MemberId } from '@nexus/core/raft';
import { type Coverage } from '../../coverage.js';
import { type MemberRecord } from '../member-record.js';
import { Answers } from './answers.js';
import { Applications } from './applications.js';
import { Commits } from './commits.js';
import { Durability } from './durability.js';
import { Leaders } from './leaders.js';
import { Logs } from './logs.js';
import { type Patience } from './patience.js';
import { type Stepped } from './stepped.js';

/** All that must hold after every event, each looked at where it could break, so that a look costs little. */
export class Invariants {
  readonly commits: Commits;
  readonly leaders: Leaders;
  readonly logs: Logs;
  readonly durability: Durability;
  readonly applications: Applications;
  readonly answers: Answers;

  constructor(records: ReadonlyMap<MemberId, MemberRecord>, initial: Configuration, coverage: Coverage) {
    this.commits = new Commits(records, initial);
    this.leaders = new Leaders(records, this.commits);
    this.logs = new Logs(this.commits);
    this.durability = new Durability(this.commits);
    this.applications = new Applications(coverage);
    this.answers = new Answers(this.commits, this.applications);
  }

  /** A member took a step; its write is issued. */
  stepped(step: Stepped, patience: Patience): void {
    this.logs.stepped(step);
    this.commits.stepped(step);
    this.leaders.stepped(step);
    patience.stepped(step);
  }
}
