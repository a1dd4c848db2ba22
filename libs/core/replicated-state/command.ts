/** Lets a command count only while a lease, or an office, is held with this very token. */
export interface Fence {
  readonly resource: string;
  readonly token: number;
}

export interface PutCommand {
  readonly type: 'put';
  readonly key: string;
  /** JSON, immutable from here on. */
  readonly value: unknown;
  /** 0: the key must not exist. */
  readonly expectedVersion?: number | undefined;
  readonly fence?: Fence | undefined;
}
export interface DeleteCommand {
  readonly type: 'delete';
  readonly key: string;
  readonly expectedVersion?: number | undefined;
  readonly fence?: Fence | undefined;
}
export interface DecideCommand {
  readonly type: 'decide';
  readonly key: string;
  /** JSON, immutable from here on. */
  readonly value: unknown;
  readonly fence?: Fence | undefined;
}
export interface AcquireCommand {
  readonly type: 'lease.acquire';
  readonly resource: string;
  readonly owner: string;
  readonly ttlMs: number;
}
export interface RenewCommand {
  readonly type: 'lease.renew';
  readonly resource: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly fencingToken?: number | undefined;
}
export interface ReleaseCommand {
  readonly type: 'lease.release';
  readonly resource: string;
  readonly owner: string;
  readonly fencingToken?: number | undefined;
}
export interface CampaignCommand {
  readonly type: 'campaign';
  readonly election: string;
  readonly candidate: string;
  readonly ttlMs: number;
}
export interface ResignCommand {
  readonly type: 'resign';
  readonly election: string;
  readonly candidate: string;
}

/** What the state machine can be told; of the shape of the wire's commands, whose schema bounds names and numbers. */
export type Command =
  | PutCommand
  | DeleteCommand
  | DecideCommand
  | AcquireCommand
  | RenewCommand
  | ReleaseCommand
  | CampaignCommand
  | ResignCommand;

/** Lets time take effect and nothing else; the leader proposes it when something is due. */
export interface ExpireCommand {
  readonly type: 'expire';
}

/** Which request of which session a proposal is, so that its retries apply once. */
export interface SessionStamp {
  /** Names the session; never used for another one. */
  readonly clientId: string;
  /** Of the request within the session, from 1; a retry repeats it. */
  readonly seq: number;
  /** The client knows the outcome of every request below it, and will not ask again. */
  readonly settledBelow: number;
  /**
   * An index that was known to be committed before the session's first request was sent: the `appliedIndex` of any
   * replica, or the index of any outcome. The same in all requests of the session. It tells a new session from a
   * forgotten one.
   */
  readonly openedAtIndex: number;
}

/** What an entry of the log asks of the state machine. */
export interface Proposal {
  /** The leader's stamp, by the clock of the log, in milliseconds. */
  readonly atMs: number;
  readonly session?: SessionStamp | undefined;
  /** The caller's own name for its request: a repeat within the window gets the first outcome. */
  readonly requestId?: string | undefined;
  readonly command: Command | ExpireCommand;
}
