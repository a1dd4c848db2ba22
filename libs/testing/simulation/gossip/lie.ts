import { assertNever } from '@nexus/core/invariant';
import {
  type DigestEntry,
  type MemberDelta,
  type MemberId,
  type MemberKind,
  type Message,
} from '@nexus/core/gossip';
import { type Life } from './truth.js';

/** What nobody may say: each is to be refused, and to change nothing. */
export const lies = [
  'a leaf says that another is further on',
  'a leaf says that another has a new life',
  'a leaf says what another wrote',
  'a leaf says that another begins anew',
  'a leaf makes up a thousand members',
  'somebody says what you wrote',
  'somebody says that you have a life far in the future',
  'somebody has a life far in the future',
  'somebody ends a life far in the future',
  'a change beyond what is known',
  'changes out of order',
  'a message of another deployment',
] as const;
export type Lie = (typeof lies)[number];

export interface Forged {
  readonly from: MemberId;
  readonly fromKind: MemberKind;
  readonly message: Message;
}

interface LieOptions {
  readonly cluster: string;
  /** Who is lied to. */
  readonly to: MemberId;
  readonly about: Life;
  readonly kindOf: (id: MemberId) => MemberKind;
  readonly wallMs: number;
}

/** They send, and are no members. */
const liar = 'liar' as MemberId;
export const mole = 'mole' as MemberId;
const centuryMs = 100 * 365 * 86_400_000;

/** The forged message of a lie. */
export function forge(lie: Lie, options: LieOptions): Forged {
  const { cluster, to, about, wallMs } = options;
  const kind = options.kindOf(about.id);
  const { id, generation, maxVersion } = about;
  const known: DigestEntry = {
    ...{ id, kind, generation, heartbeat: 1_000_000, maxVersion: maxVersion + 5 },
    ...{ collectedVersion: 0, viewHash: 1, vitals: 'forged' },
  };
  const change = { key: 'k1', version: maxVersion + 1, value: 'forged' };
  const delta: MemberDelta = {
    ...{ id, kind, generation, fromVersion: maxVersion, collectedVersion: 0 },
    ...{ reset: false, changes: [change] },
  };
  const syn = (...digest: DigestEntry[]): Message => ({ kind: 'syn', cluster, generation: wallMs, digest });
  const ack = (...deltas: MemberDelta[]): Message => ({ kind: 'ack', cluster, generation: wallMs, deltas });
  const asLeaf = (message: Message): Forged => ({ from: liar, fromKind: 'leaf', message });
  const asRelay = (message: Message): Forged => ({ from: mole, fromKind: 'relay', message });
  const mine = { id: to, kind: options.kindOf(to) };
  switch (lie) {
    case 'a leaf says that another is further on':
      return asLeaf(syn(known));
    case 'a leaf says that another has a new life':
      return asLeaf(syn({ ...known, generation: generation + 1, heartbeat: 1, maxVersion: 0 }));
    case 'a leaf says what another wrote':
      return asLeaf(ack(delta));
    case 'a leaf says that another begins anew':
      return asLeaf(ack({ ...delta, fromVersion: 0, reset: true }));
    case 'a leaf makes up a thousand members':
      return asLeaf(syn(...ghosts(known)));
    case 'somebody says what you wrote':
      return asRelay(ack({ ...delta, ...mine }));
    case 'somebody says that you have a life far in the future':
      return asRelay(syn({ ...known, ...mine, generation: wallMs + centuryMs }));
    case 'somebody has a life far in the future':
      return asRelay(syn({ ...known, generation: wallMs + centuryMs }));
    case 'somebody ends a life far in the future':
      return {
        ...{ from: id, fromKind: kind },
        message: { kind: 'leave', cluster, generation: wallMs + centuryMs, heartbeat: 1 },
      };
    case 'a change beyond what is known':
      return asRelay(
        ack({ ...delta, fromVersion: maxVersion + 3, changes: [{ ...change, version: maxVersion + 4 }] }),
      );
    case 'changes out of order':
      return asRelay(ack({ ...delta, changes: [{ ...change, version: maxVersion }] }));
    case 'a message of another deployment':
      return asRelay({ ...ack(delta), cluster: 'another' });
    default:
      return assertNever(lie);
  }
}

const ghosts = (like: DigestEntry): DigestEntry[] =>
  Array.from({ length: 1_000 }, (_, at) => ({ ...like, id: `ghost${at}` as MemberId }));
