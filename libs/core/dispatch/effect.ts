/** What became of one unit of work at an agent. */
export type Outcome = { ok: true; data: unknown } | { ok: false; error: WorkError };

export interface WorkError {
  code: string;
  message: string;
}

/** Send a unit to an agent; the answer is handed back under the same `dispatchId`. */
export interface SendEffect {
  kind: 'send';
  /** Never used twice by one dispatcher. */
  dispatchId: number;
  /** Index of the unit in `assignments`. */
  workIndex: number;
  agentId: string;
  /** 1 for the first agent that it reaches. */
  attempt: number;
}

/** A unit is finished, for good; there is exactly one for each unit. */
export type SettledEffect = {
  kind: 'settled';
  workIndex: number;
  /** Who did it or had it last. */
  agentId: string;
  /** Agents that it was sent to and that were there to take it. */
  attempts: number;
} & Outcome;

/** An answer that changed nothing: of an unknown, superseded or already settled attempt. */
export interface LateEffect {
  kind: 'late';
  dispatchId: number;
}

/** Every unit is settled; the last effect of a dispatcher, but for late answers. */
export interface DoneEffect {
  kind: 'done';
}

export type DispatchEffect = SendEffect | SettledEffect | LateEffect | DoneEffect;
