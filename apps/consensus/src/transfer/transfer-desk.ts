import { type ReplicaId } from '@nexus/contracts';
import { type MemberId, type Standing } from '@nexus/core/raft';
import { type AnswerWork } from '../gateway/work.js';
import { refusalOf } from '../gateway/refusal.js';
import { replicaIdOf } from '../member/member-id.js';
import { type Replica } from '../replica/replica.js';

export interface Transfer {
  /** Null for whoever is furthest. */
  readonly to: ReplicaId | null;
  readonly withinMs: number;
}

/** Hands leadership over when a person asks for it. */
export class TransferDesk {
  transfer(replica: Replica, { to, withinMs }: Transfer, answer: AnswerWork): void {
    if (!replica.leads) {
      answer({ kind: 'refused', reason: 'not_leader' });
      return;
    }
    const { voters } = replica.configuration;
    const target = to === null ? null : voters.find((voter) => replicaIdOf(voter) === to);
    if (target === undefined) {
      answer({ kind: 'failed', code: 'not_found', message: `no voting member is called ${to}` });
    } else if (target === replica.self) {
      answer(done(replica.self, replica.standing));
    } else if (voters.length < 2) {
      answer({ kind: 'failed', code: 'conflict', message: 'there is nobody else to lead' });
    } else {
      follow(replica, { target, withinMs }, answer);
    }
  }
}

const done = (leader: MemberId, { term }: Standing) =>
  ({ kind: 'transferred', leader: replicaIdOf(leader), term }) as const;

/** Waits until somebody else leads. */
function follow(
  replica: Replica,
  { target, withinMs }: { target: MemberId | null; withinMs: number },
  answer: AnswerWork,
): void {
  const settle: AnswerWork = (result) => {
    clearTimeout(timer);
    unwatch();
    cancel();
    answer(result);
  };
  const unwatch = replica.watch({
    standing: (standing) => {
      const { leader } = standing;
      if (leader !== null && leader !== replica.self) settle(done(leader, standing));
    },
  });
  const who = target === null ? 'nobody took' : `${replicaIdOf(target)} did not take`;
  const message = `${who} over within ${withinMs} ms`;
  const timer = setTimeout(() => settle({ kind: 'failed', code: 'unavailable', message }), withinMs);
  let cancel = (): void => undefined;
  cancel = replica.transfer(target, (refusal) => settle(refusalOf(refusal)));
}
