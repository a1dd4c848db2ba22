import { idPattern, replicaIdSchema, subjectOf, subjects } from '@nexus/contracts';
import { type MemberId } from '@nexus/core/raft';
import { type Drops } from '@nexus/platform/nats';
import { type Connection, decodeBody, encodeBody } from '@nexus/wire';
import { z } from 'zod';
import { isMemberId } from '@nexus/platform/raft-codec';

const membersMax = 256;
const foundersMax = 64;
const incarnation = z.string().min(1).max(256);
const member = z.custom<MemberId>((value) => typeof value === 'string' && isMemberId(value));
const members = z.array(member).max(membersMax).readonly();

/** What replicas tell each other outside of Raft: who is there, and with which log. */
const helloSchema = z.object({
  cluster: z.string(),
  replicaId: replicaIdSchema,
  storeId: z.string().regex(idPattern),
  /** Of the process: two that say the same name and log hold copies of one member. */
  incarnation,
  /** The other process of this name and log that this one heard, and that is to know of it. */
  rival: incarnation.nullable(),
  /**
   * `blank`: its log was never written. `waiting`: it has a log and hears no leader, or belongs to no group.
   * `member`: it belongs to a group, whose members it names.
   */
  stance: z.enum(['blank', 'waiting', 'member']),
  /** It leads the group: what it says of the members holds. */
  leads: z.boolean(),
  members: z.object({ voters: members, learners: members }).nullable(),
  /** With whom a blank one means to form the group; else nobody. */
  founders: z.array(replicaIdSchema).max(foundersMax).readonly(),
});
export type Hello = z.infer<typeof helloSchema>;

const bytesMax = 64 * 1_024;

export interface HelloLineOptions {
  readonly connection: Connection;
  /** Names the cluster: whoever is asked on the same subjects belongs together. */
  readonly prefix: string;
  readonly drops: Drops;
}

/** Hellos reach every replica of the cluster. */
export class HelloLine {
  private readonly subject: string;

  constructor(private readonly options: HelloLineOptions) {
    this.subject = subjectOf(options.prefix, subjects.consensusHello, {});
  }

  say(hello: Omit<Hello, 'cluster'>): void {
    const { connection, prefix, drops } = this.options;
    if (connection.connected) connection.publish(this.subject, encodeBody({ cluster: prefix, ...hello }));
    else drops.undeliveredInternal += 1;
  }

  /** Returns how to stop. */
  listen(heard: (hello: Hello) => void): () => void {
    const { connection, prefix, drops } = this.options;
    const subscription = connection.subscribe(this.subject, ({ data }) => {
      const hello = read(data);
      if (hello === undefined) drops.malformedInternal += 1;
      else if (hello.cluster !== prefix) drops.foreignInternal += 1;
      else heard(hello);
    });
    return () => subscription.unsubscribe();
  }
}

function read(bytes: Uint8Array): Hello | undefined {
  try {
    return helloSchema.parse(decodeBody(bytes, 'json', { bytesMax, depthMax: 8 }));
  } catch {
    return undefined;
  }
}
