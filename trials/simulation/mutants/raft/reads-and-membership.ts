import { type Mutant } from '../mutant.js';

/** Linearizable reads, changes of membership, snapshots of it (dissertation, §4, §6.4). */
export const readAndMembershipMutants: readonly Mutant[] = [
  {
    name: 'reused read token',
    why: 'Answers to an earlier round confirm a leader that was deposed since.',
    file: 'libs/core/raft/read-rounds.ts',
    find: 'this.round++;',
    replace: 'if (this.round === 0) this.round++;',
  },
  {
    name: 'read without a quorum',
    why: 'A leader that was deposed answers from what it had.',
    file: 'libs/core/raft/leader.ts',
    find: 'reads.confirm(this.majority(reads.round, ({ round }) => round))',
    replace: 'reads.confirm(reads.round)',
  },
  {
    name: 'read before the first commit of the term',
    why: 'A new leader does not know yet what its predecessor committed.',
    file: 'libs/core/raft/leader.ts',
    find: 'if (reads.hasWaiting && member.commit >= this.termStart) {',
    replace: 'if (reads.hasWaiting) {',
  },
  {
    name: 'reads forgotten at step-down',
    why: 'Who asked waits for ever.',
    file: 'libs/core/raft/leader.ts',
    find: "for (const ticket of this.reads.abandon()) this.member.outbox.refuse(ticket, 'not_leader');",
    replace: '',
  },
  {
    name: 'election by the committed configuration',
    why: 'Two configurations without a common member elect a leader each.',
    file: 'libs/core/raft/election.ts',
    find: 'const { voters } = member.configurations.current;',
    replace: 'const { voters } = member.configurations.at(member.commit);',
  },
  {
    name: 'commit by the committed configuration',
    why: 'The entry that changes the group is committed by the group as it was.',
    file: 'libs/core/raft/leader.ts',
    find: 'const { voters } = member.configurations.current;\n    counts.length = 0;',
    replace: 'const { voters } = member.configurations.at(member.commit);\n    counts.length = 0;',
  },
  {
    name: 'two changes at a time',
    why: 'Configurations that are two changes apart need have no common member.',
    file: 'libs/core/raft/leader.ts',
    find: 'if (commit < this.termStart || configurations.currentIndex > commit) {',
    replace: 'if (commit < this.termStart) {',
  },
  {
    name: 'change before a commit of the term',
    why: 'The correction of 2015: two leaders change the same configuration.',
    file: 'libs/core/raft/leader.ts',
    find: 'if (commit < this.termStart || configurations.currentIndex > commit) {',
    replace: 'if (configurations.currentIndex > commit) {',
  },
  {
    name: 'configuration outlives its entry',
    why: 'A change that was cut off stays in force.',
    file: 'libs/core/raft/member.ts',
    find: 'this.configurations.truncate(from);',
    replace: '',
  },
  {
    name: 'snapshot of the newest membership',
    why: 'A change that is not committed becomes part of a snapshot, which is never cut off.',
    file: 'libs/core/raft/member.ts',
    find: 'configuration: this.configurations.at(index), image };',
    replace: 'configuration: this.configurations.current, image };',
  },
];
