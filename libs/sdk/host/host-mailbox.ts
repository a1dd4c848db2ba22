import { type Msg, type Subscription } from '@nats-io/transport-node';
import { NexusError, subjectOf, subjects, subscriptionOf } from '@nexus/contracts';
import { type Connection } from '@nexus/wire';
import { type Letter, type ReadingFault, readLetter } from '../agent/reading.js';
import { type AnswerTags } from '../group/answer-tags.js';
import { deepFreeze } from '../group/deep-freeze.js';
import { peerOf } from '../causal/causal-line.js';
import { GroupLine, type Telling } from '../group/group-line.js';
import { within } from '../agent/within.js';
import { writeFailed } from '../agent/answer-part.js';
import { BundledAnswers, type AnswerPost, type Address, type Answers, SingleAnswer } from './answers.js';
import { type HostDesk } from './host-desk.js';
import { type Member } from './member.js';
import { Roll } from './roll.js';

/** A message that was read, and the agents of the host that it is for. */
export interface Delivered {
  readonly letter: Letter;
  readonly members: readonly Member[];
  readonly replySubject: string | undefined;
  readonly answers: Answers | undefined;
}

/** Takes messages; it must not throw. */
export interface Reception {
  deliver(delivered: Delivered): void;
  /** What another agent told its group. */
  deliverFrom(peer: string, source: Msg, members: readonly Member[]): void;
}

export interface HostMailboxOptions {
  readonly hostId: string;
  readonly prefix: string;
  readonly connection: Connection;
  readonly tags: AnswerTags;
  readonly post: AnswerPost;
  readonly desk: HostDesk;
  readonly reception: Reception;
}

/** Who of a group is here, and how to listen to it no more. */
interface GroupRoll {
  readonly roll: Roll;
  readonly stop: () => void;
}

/**
 * The subjects of a host: its own, one that names the agent behind it, and those of the groups of its agents. However many
 * agents there are, each group is listened to once.
 */
export class HostMailbox {
  private readonly members = new Map<string, Member>();
  private readonly groups = new Map<string, GroupRoll>();
  private readonly line: GroupLine;
  private subscriptions: readonly Subscription[] = [];

  constructor(private readonly options: HostMailboxOptions) {
    this.line = GroupLine.on(options.connection, options.prefix);
  }

  /** Listens for the host, if it does not yet. */
  open(): void {
    if (this.subscriptions.length > 0) return;
    const { hostId, prefix, connection } = this.options;
    const mine = subjectOf(prefix, subjects.host, { hostId });
    const single = subscriptionOf(prefix, subjects.hostedAgent, { hostId });
    this.subscriptions = [
      connection.subscribe(mine, (message) => this.receiveForSome(message)),
      connection.subscribe(single, (message) => this.receiveForOne(message)),
    ];
    for (const member of this.members.values()) this.listenFor(member);
  }

  /** Another process may have the host: nothing more comes. */
  shut(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.subscriptions = [];
    this.stopGroups();
  }

  /** Lets messages that the broker has already sent come in, unless the connection is gone. */
  async close(withinMs: number): Promise<void> {
    await this.settled(withinMs);
    this.shut();
  }

  /** Resolves once what the broker has already sent has come in. */
  async settled(withinMs: number): Promise<void> {
    const { connection } = this.options;
    if (connection.connected) await within(connection.flush(withinMs), withinMs);
  }

  get all(): Iterable<Member> {
    return this.members.values();
  }

  has(agentId: string): boolean {
    return this.members.has(agentId);
  }

  /** Listens for an agent, too. */
  add(member: Member): void {
    this.members.set(member.agentId, member);
    if (this.subscriptions.length > 0) this.listenFor(member);
  }

  remove(member: Member): void {
    if (this.members.get(member.agentId) !== member) return;
    this.members.delete(member.agentId);
    for (const group of member.groups) {
      const entry = this.groups.get(group);
      if (!entry) continue;
      entry.roll.remove(member);
      if (entry.roll.size > 0) continue;
      entry.stop();
      this.groups.delete(group);
    }
  }

  private listenFor(member: Member): void {
    for (const group of member.groups) {
      const known = this.groups.get(group);
      if (known) known.roll.add(member);
      else this.groups.set(group, this.openGroup(group, member));
    }
  }

  private openGroup(group: string, first: Member): GroupRoll {
    const roll = new Roll();
    roll.add(first);
    const stop = this.line.listen(group, (telling) => this.receiveForGroup(roll, telling));
    const { connection, prefix, reception } = this.options;
    const ofPeers = connection.subscribe(subscriptionOf(prefix, subjects.groupPeer, { group }), (source) => {
      const peer = peerOf(subjects.groupPeer, source);
      if (peer !== undefined) reception.deliverFrom(peer, source, roll.members);
    });
    return {
      roll,
      stop: () => {
        stop();
        ofPeers.unsubscribe();
      },
    };
  }

  private stopGroups(): void {
    for (const { stop } of this.groups.values()) stop();
    this.groups.clear();
  }

  private receiveForGroup(roll: Roll, { source, reading, shared }: Telling): void {
    const letter = this.readable(reading, source);
    if (!letter) return;
    const replySubject = shared && this.options.tags.replySubject(shared.subject, shared.root);
    const answers = this.bundled(letter, replySubject);
    this.options.reception.deliver({ letter, members: roll.members, replySubject, answers });
  }

  private receiveForSome(source: Msg): void {
    const letter = this.readable(readLetter(source), source);
    if (!letter) return;
    deepFreeze(letter.message.payload);
    const named = new Set<string>(letter.message.agents);
    const answers = this.bundled(letter, letter.replySubject);
    const members: Member[] = [];
    for (const agentId of named) {
      const member = this.members.get(agentId);
      if (member) members.push(member);
      else answers?.add(agentId, writeFailed(answers.encoding, agentId, notHere(agentId)));
    }
    this.options.reception.deliver({ letter, members, replySubject: letter.replySubject, answers });
  }

  private receiveForOne(source: Msg): void {
    const letter = this.readable(readLetter(source), source);
    if (!letter) return;
    const member = this.members.get(source.subject.slice(source.subject.lastIndexOf('.') + 1));
    const { replySubject } = letter;
    if (member) {
      deepFreeze(letter.message.payload);
      const { post, reception } = this.options;
      const answers =
        replySubject === undefined ? undefined : new SingleAnswer(this.addressOf(letter, replySubject), post);
      reception.deliver({ letter, members: [member], replySubject, answers });
    } else if (replySubject !== undefined) this.options.post.nobody(replySubject);
  }

  private bundled(letter: Letter, replySubject: string | undefined): Answers | undefined {
    if (replySubject === undefined) return undefined;
    return new BundledAnswers(this.addressOf(letter, replySubject), this.options.post);
  }

  private addressOf({ message, encoding }: Letter, replySubject: string): Address {
    const untilMs = performance.now() + message.budgetMs;
    const { coordinationId } = message;
    return {
      replySubject,
      encoding,
      coordinationId,
      budgetMs: () => Math.max(0, untilMs - performance.now()),
    };
  }

  private readable(reading: Letter | ReadingFault, source: Msg): Letter | undefined {
    const { desk } = this.options;
    desk.stats.received += 1;
    if (typeof reading !== 'string') return reading;
    if (reading === 'malformed') desk.stats.malformed += 1;
    else desk.stats.foreignReplySubject += 1;
    desk.drop(reading, source.subject);
    return undefined;
  }
}

const notHere = (agentId: string) => new NexusError('unavailable', `${agentId} is not on this host`);
