import { type Msg, type Subscription } from '@nats-io/transport-node';
import {
  type SenderFrontier,
  senderFrontierSchema,
  subjectParams,
  subjects,
  subscriptionOf,
} from '@nexus/contracts';
import { idOfSender } from '@nexus/core/causality';
import { type Connection, decodeBody } from '@nexus/wire';
import { type Letter, type ReadingFault, readLetter } from '../agent/reading.js';
import { type BroadcastStore, newBroadcastStore } from './broadcast-store.js';
import { RepairDesk } from './repair-desk.js';
import { SyncDesk } from './sync-desk.js';

/** An agent on the line. */
export interface LineMember {
  readonly agentId: string;
  readonly groups: readonly string[];
  /** Takes what another agent told a group. */
  receiveFrom(peer: string, source: Msg, reading: Letter | ReadingFault): void;
  /** Hears how far a sender has come. */
  hear(frontier: SenderFrontier): void;
}

interface GroupLine {
  readonly members: Set<LineMember>;
  readonly subscription: Subscription;
}

const lines = new WeakMap<Connection, Map<string, CausalLine>>();

/**
 * What the agents on one connection have in common of causal delivery: each subject is listened to once, each message
 * read once, and each broadcast kept once, for a thousand agents as for one.
 */
export class CausalLine {
  /** Broadcasts that were sent or delivered on this connection, for those who missed them. */
  readonly store: BroadcastStore = newBroadcastStore();
  readonly repairs: RepairDesk;
  readonly syncs: SyncDesk;
  private readonly members = new Set<LineMember>();
  private readonly groups = new Map<string, GroupLine>();
  private frontiers: Subscription | undefined;
  /** Frontiers that could not be read, or whose sender was another. */
  unreadable = 0;

  private constructor(
    readonly connection: Connection,
    readonly prefix: string,
  ) {
    this.repairs = new RepairDesk({ connection, prefix, store: this.store });
    this.syncs = new SyncDesk(connection, prefix);
  }

  /** The one line of a connection, for one prefix. */
  static on(connection: Connection, prefix: string): CausalLine {
    const ofConnection = lines.get(connection) ?? new Map<string, CausalLine>();
    lines.set(connection, ofConnection);
    const line = ofConnection.get(prefix) ?? new CausalLine(connection, prefix);
    ofConnection.set(prefix, line);
    return line;
  }

  /** Listens for a member from now on; does nothing for one that is there. */
  join(member: LineMember): void {
    if (this.members.has(member)) return;
    this.members.add(member);
    for (const group of member.groups) this.groupLine(group).members.add(member);
    this.frontiers ??= this.connection.subscribe(
      subscriptionOf(this.prefix, subjects.causalFrontier),
      (message) => this.hear(message),
    );
  }

  /** Listens for a member no more. */
  leave(member: LineMember): void {
    if (!this.members.delete(member)) return;
    for (const group of member.groups) this.leaveGroup(group, member);
    if (this.members.size > 0) return;
    this.frontiers?.unsubscribe();
    this.frontiers = undefined;
    this.repairs.close();
  }

  private groupLine(group: string): GroupLine {
    const known = this.groups.get(group);
    if (known) return known;
    const members = new Set<LineMember>();
    const subject = subscriptionOf(this.prefix, subjects.groupPeer, { group });
    const subscription = this.connection.subscribe(subject, (message) => this.receive(members, message));
    const line = { members, subscription };
    this.groups.set(group, line);
    return line;
  }

  private leaveGroup(group: string, member: LineMember): void {
    const line = this.groups.get(group);
    if (!line) return;
    line.members.delete(member);
    if (line.members.size > 0) return;
    line.subscription.unsubscribe();
    this.groups.delete(group);
  }

  private receive(members: ReadonlySet<LineMember>, source: Msg): void {
    const peer = peerOf(subjects.groupPeer, source);
    if (peer === undefined) {
      this.unreadable += 1;
      return;
    }
    const reading = readLetter(source);
    // What an agent tells its group it has told itself already.
    const told = [...members].filter(({ agentId }) => agentId !== peer);
    const last = told.at(-1);
    for (const member of told) {
      // A handler may run at once, and change what it gets: the copy is made before.
      member.receiveFrom(peer, source, member === last ? reading : withOwnPayload(reading));
    }
  }

  private hear(message: Msg): void {
    const frontier = readFrontier(message);
    if (!frontier) this.unreadable += 1;
    else for (const member of this.members) member.hear(frontier);
  }
}

/** For one of several agents: what a handler does to a payload is seen by no other. */
function withOwnPayload(reading: Letter | ReadingFault): Letter | ReadingFault {
  if (typeof reading === 'string') return reading;
  const { payload } = reading.message;
  if (typeof payload !== 'object' || payload === null) return reading;
  return { ...reading, message: { ...reading.message, payload: structuredClone(payload) } };
}

/** Who sent a message, as its subject tells; undefined when that is no id. */
export function peerOf(template: string, { subject }: Msg): string | undefined {
  try {
    return subjectParams(template, subject)['agentId'];
  } catch {
    return undefined;
  }
}

function readFrontier({ subject, data }: Msg): SenderFrontier | undefined {
  try {
    const { memberId } = subjectParams(subjects.causalFrontier, subject);
    const frontier = senderFrontierSchema.parse(decodeBody(data));
    return idOfSender(frontier.sender) === memberId ? frontier : undefined;
  } catch {
    return undefined;
  }
}
