import { type Mutant } from '../mutant.js';

/** The log, what is committed, and what is durable before it is said (Raft, §5.3, §5.4.2; dissertation, §10.2.1). */
export const replicationMutants: readonly Mutant[] = [
  {
    name: 'commit of an old term by counting',
    why: 'What was committed can still be overwritten (Raft, figure 8).',
    file: 'libs/core/raft/leader.ts',
    find: 'if (index < this.termStart || index <= before) return;',
    replace: 'if (index <= before) return;',
  },
  {
    name: 'leader counted before its flush',
    why: 'The leader crashes, and what it acknowledged is on too few disks.',
    file: 'libs/core/raft/leader.ts',
    find: 'this.majority(member.log.durableIndex,',
    replace: 'this.majority(member.log.lastIndex,',
  },
  {
    name: 'follower counted when sent',
    why: 'What is on its way counts as stored.',
    file: 'libs/core/raft/progress.ts',
    find: 'this.inFlight.push(lastIndex);',
    replace: 'this.inFlight.push(lastIndex);\n    this.matchIndex = Math.max(this.matchIndex, lastIndex);',
  },
  {
    name: 'learners counted',
    why: 'An entry is committed that too few voters hold.',
    file: 'libs/core/raft/leader.ts',
    find: 'const { voters } = member.configurations.current;\n    counts.length = 0;',
    replace:
      'const { current } = member.configurations;\n    const voters = [...current.voters, ...current.learners];\n    counts.length = 0;',
  },
  {
    name: 'sent before persisted',
    why: 'A vote or a term is known to others, and forgotten by who gave it.',
    file: 'libs/core/raft/member.ts',
    find: 'this.outbox.send({ to, message, afterWrite: this.waitFor(this.termWrite) });',
    replace: 'this.outbox.send({ to, message, afterWrite: 0 });',
  },
  {
    name: 'accepted before persisted',
    why: 'The leader counts entries that a crash takes away.',
    file: 'libs/core/raft/member.ts',
    find: 'const after = Math.max(this.termWrite, this.logWrite);',
    replace: 'const after = this.termWrite;',
  },
  {
    name: 'truncation by an old append',
    why: 'An append that comes late removes what was acknowledged since.',
    file: 'libs/core/raft/follower.ts',
    find: 'while (at < entries.length && log.holds(entries[at]!)) at++;',
    replace: '',
  },
  {
    name: 'append without log check',
    why: 'Logs differ before the entries that are added.',
    file: 'libs/core/raft/follower.ts',
    find: 'if (prevIndex > log.lastIndex || log.termAt(prevIndex) !== prevTerm) {',
    replace: 'if (prevIndex > log.lastIndex) {',
  },
  {
    name: 'follower commit beyond the verified index',
    why: 'A follower applies what is left in its log of an earlier term.',
    file: 'libs/core/raft/follower.ts',
    find: 'member.commitTo(Math.min(request.commit, verified));',
    replace: 'member.commitTo(Math.min(request.commit, log.lastIndex));',
  },
  {
    name: 'heartbeat with the whole commit index',
    why: 'A follower commits what it holds and was never compared.',
    file: 'libs/core/raft/leader.ts',
    find: 'const commit = Math.min(matchIndex, member.commit);',
    replace: 'const commit = matchIndex < 0 ? 0 : member.commit;',
  },
  {
    name: 'missing no-op',
    why: 'What earlier terms left is not committed until somebody proposes something.',
    file: 'libs/core/raft/leader.ts',
    find: "member.append({ kind: 'noop', index: this.termStart, term: member.term });",
    replace: '',
  },
  {
    name: 'parts of a snapshot in any order',
    why: 'A part that comes twice makes an image of something else.',
    file: 'libs/core/raft/snapshot-assembly.ts',
    find: 'if (offset === this.received && bytes.length > 0) {',
    replace: 'if (bytes.length > 0 && this.received + bytes.length <= totalBytes) {',
  },
];
