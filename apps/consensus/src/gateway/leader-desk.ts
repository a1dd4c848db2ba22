import { assertNever } from '@nexus/core/invariant';
import { type ReplicaHost } from '../host/replica-host.js';
import { type MembersDesk } from '../members/members-desk.js';
import { type TransferDesk } from '../transfer/transfer-desk.js';
import { refusalOf } from './refusal.js';
import { type AnswerWork, type Work } from './work.js';

/** Does what a gateway asks, here or from afar, if this replica leads. Each answer is given exactly once. */
export class LeaderDesk {
  constructor(
    private readonly host: Pick<ReplicaHost, 'replica'>,
    private readonly transfers: TransferDesk,
    private readonly members: MembersDesk,
  ) {}

  serve(work: Work, answer: AnswerWork): void {
    const { replica } = this.host;
    if (replica === undefined) {
      answer({ kind: 'refused', reason: 'stopped' });
      return;
    }
    switch (work.kind) {
      case 'propose':
        replica.submit(work, (submitted) =>
          answer(submitted.kind === 'refused' ? refusalOf(submitted) : submitted),
        );
        return;
      case 'read':
        replica.read(work.query, (reading) =>
          answer('kind' in reading ? refusalOf(reading) : { kind: 'reading', reading }),
        );
        return;
      case 'transfer':
        this.transfers.transfer(replica, work, answer);
        return;
      case 'members.add':
        this.members.add(replica, work, answer);
        return;
      case 'members.remove':
        this.members.remove(replica, work, answer);
        return;
      default:
        assertNever(work);
    }
  }
}
