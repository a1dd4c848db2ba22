import { type Msg, type Subscription } from '@nats-io/transport-node';
import { subjectOf, subjects } from '@nexus/contracts';
import { type Connection, replyRootOf } from '@nexus/wire';
import { type Letter, type ReadingFault, readLetter } from '../agent/reading.js';
import { type Recent, RecentWorks } from '../agent/recent-works.js';
import { deepFreeze } from './deep-freeze.js';

/** What came on the subject of a group, for all on this connection who belong to it. */
export interface Telling {
  readonly source: Msg;
  /** What was read of it. The payload is frozen: others are shown the same. */
  readonly reading: Letter | ReadingFault;
  readonly atMs: number;
  /** Where answers go, but for the tag of each; undefined when none is wanted. */
  readonly shared: { readonly subject: string; readonly root: string } | undefined;
  /** What came under the same name; undefined for what may come again. */
  readonly recent: Recent | undefined;
  /** Nothing has come under that name before. */
  readonly first: boolean;
}

/** Takes what came; it must not throw. */
export type OnTelling = (telling: Telling) => void;

interface Listening {
  readonly subscription: Subscription;
  /** In the order of joining. */
  readonly listeners: Set<OnTelling>;
}

const lines = new WeakMap<Connection, Map<string, GroupLine>>();

/**
 * The subjects of groups, for all who listen to them on one connection: each is subscribed to once, and what comes is
 * read once, for a thousand agents as for one.
 */
export class GroupLine {
  /** What agents of this connection were sent, by whichever way. */
  readonly recent = new RecentWorks();
  private readonly groups = new Map<string, Listening>();

  private constructor(
    private readonly connection: Connection,
    private readonly prefix: string,
  ) {}

  /** The one line of a connection, for one prefix. */
  static on(connection: Connection, prefix: string): GroupLine {
    const ofConnection = lines.get(connection) ?? new Map<string, GroupLine>();
    lines.set(connection, ofConnection);
    const line = ofConnection.get(prefix) ?? new GroupLine(connection, prefix);
    ofConnection.set(prefix, line);
    return line;
  }

  /** @returns how to listen no more */
  listen(group: string, listener: OnTelling): () => void {
    const listening = this.groups.get(group) ?? this.open(group);
    listening.listeners.add(listener);
    return () => {
      if (!listening.listeners.delete(listener) || listening.listeners.size > 0) return;
      listening.subscription.unsubscribe();
      if (this.groups.get(group) === listening) this.groups.delete(group);
    };
  }

  private open(group: string): Listening {
    const listeners = new Set<OnTelling>();
    const subject = subjectOf(this.prefix, subjects.group, { group });
    const subscription = this.connection.subscribe(subject, (source) => {
      const telling = this.read(source);
      for (const listener of listeners) listener(telling);
    });
    const listening = { subscription, listeners };
    this.groups.set(group, listening);
    return listening;
  }

  private read(source: Msg): Telling {
    const reading = readLetter(source);
    const atMs = performance.now();
    if (typeof reading === 'string') {
      return { source, reading, atMs, shared: undefined, recent: undefined, first: true };
    }
    deepFreeze(reading.message.payload);
    const { replySubject: subject } = reading;
    const shared = subject === undefined ? undefined : { subject, root: replyRootOf(subject) };
    const recent = this.recent.under(reading.message, atMs);
    return { source, reading, atMs, shared, recent, first: recent === undefined || recent.size === 0 };
  }
}
