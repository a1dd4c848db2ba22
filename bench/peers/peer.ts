import { type Load } from '../measure/closed-loop.js';

/** What every process of a peer is started with. */
export interface PeerGround {
  readonly servers: string;
  /** First token of its subjects. */
  readonly prefix: string;
  /** Which of several processes of the same kind it is. */
  readonly instance: string;
}

/** A process that is asked: with so many agents in it. */
export interface Crew {
  /** Resolves when they can be asked. Where a peer knows no agents, whoever can answer stands for all of them. */
  grow(agents: number): Promise<void>;
}

/** What a client can be told to do again and again; each is one call, which resolves when it is done. */
export interface Client {
  /** One unit of work is done by somebody, and its answer is here. */
  readonly unit?: () => Promise<unknown>;
  /** `unitsPerAgent` units of work for each of so many agents are done in one go, and all answers are here. */
  readonly batch?: (agents: number) => Promise<unknown>;
  /** So many agents have a message. */
  readonly tell?: (agents: number) => Promise<unknown>;
  /** So many agents were asked, and every answer is here. */
  readonly ask?: (agents: number) => Promise<unknown>;
  /** Resolves when it can reach so many agents. */
  readonly ready?: (agents: number) => Promise<unknown>;
}

export type Act = 'unit' | 'batch' | 'tell' | 'ask';

/** A way in which processes work together: who is asked, and one or several manners to ask. */
export interface Peer {
  readonly crew: (ground: PeerGround) => Promise<Crew>;
  readonly clients: Readonly<Record<string, (ground: PeerGround) => Promise<Client>>>;
}

/** Told to a client's process: wait until all can be reached, or measure. */
export type ClientOrder =
  { readonly ready: number } | { readonly act: Act; readonly agents: number; readonly load: Load };

export type ReadyReply = { readonly ready: true } | { readonly ready: false; readonly why: string };
