import { assert } from '@nexus/core/invariant';
import { type Identity } from './identity.js';
import { utf8Bytes } from './message-size.js';

/** How a member gossips. Times are in milliseconds of the `nowMs` given to `step`, sizes in bytes of `messageBytes`. */
export interface GossipOptions {
  /** Of the deployment: members of two clusters never mix, whatever broker they share. */
  readonly cluster: string;
  readonly self: Identity;
  /** Between two rounds (the design's 1,000). Shorter spreads and notices sooner, and costs messages. */
  readonly roundMs: number;
  /** Largest message. */
  readonly messageBytesMax: number;
  /**
   * Most that one round sends, over all its exchanges; what does not fit goes in later rounds, the newest first. A goodbye
   * is a round of its own.
   */
  readonly roundBytesMax: number;
  /** Members that are known at most; more are refused and counted. */
  readonly membersMax: number;
  /** Keys of one member, removed ones included. */
  readonly keysMax: number;
  /** Largest value of a key. */
  readonly valueBytesMax: number;
  /** Suspicion: phi at which a member is suspected (Hayashibara et al. 2004; 8 is one false in 10⁸ by the model). */
  readonly phiSuspect: number;
  /** Rounds that a suspected member has to refute before it counts as dead. */
  readonly suspicionRounds: number;
  /** Rounds that a dead or departed member, and a removed key, is remembered, so that no relayed old state revives it. */
  readonly tombstoneRounds: number;
  /** How far a generation may lie ahead of our own wall clock; further is a lie or a broken clock. */
  readonly generationAheadMsMax: number;
}

/** The design's second a round; all else for up to some hundred members of a few kilobytes each. */
export const defaultGossipOptions: Omit<GossipOptions, 'cluster' | 'self'> = {
  roundMs: 1_000,
  messageBytesMax: 64 * 1024,
  roundBytesMax: 256 * 1024,
  membersMax: 4_096,
  keysMax: 1_024,
  valueBytesMax: 16 * 1024,
  phiSuspect: 8,
  suspicionRounds: 6,
  tombstoneRounds: 120,
  generationAheadMsMax: 60_000,
};

/** Largest texts that options do not name, in bytes. */
export const textBytesMax = { id: 256, key: 640, vitals: 512, cluster: 256 } as const;

/** @throws Defect when they contradict each other */
export const checkOptions = (options: GossipOptions): void => {
  const { roundMs, messageBytesMax, roundBytesMax, membersMax, keysMax, valueBytesMax } = options;
  assert(roundMs > 0, 'a round takes time');
  assert(messageBytesMax >= messageBytesMin(options), 'a message holds the largest value and its key');
  assert(roundBytesMax >= 2 * messageBytesMax, 'a round holds a message to ask with and one to answer with');
  assert(membersMax >= 1 && keysMax >= 1 && valueBytesMax >= 1, 'there is room for a member and a key');
  assert(options.phiSuspect > 0 && options.suspicionRounds > 0, 'suspicion takes a while');
  assert(options.tombstoneRounds > 2 * options.suspicionRounds, 'the dead are remembered until all noticed');
  assert(Number.isSafeInteger(options.self.generation), 'a generation is an integer');
  assert(utf8Bytes(options.self.id) <= textBytesMax.id, 'an id is short');
  assert(utf8Bytes(options.cluster) <= textBytesMax.cluster, 'the name of a cluster is short');
};

/** What a message must hold: one change of the largest size. */
export const messageBytesMin = ({ valueBytesMax }: GossipOptions): number =>
  valueBytesMax + textBytesMax.key + textBytesMax.cluster + textBytesMax.id + 128;
