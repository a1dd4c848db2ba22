/** What the agents of a crew have in common. */
export type Crew = 'uneven' | 'stalling' | 'twins';

export interface CrewPlan {
  readonly crew: Crew;
  readonly agents: number;
  /** Work of one agent after the other takes so long, in milliseconds, before chance has its say. */
  readonly serviceMs: (index: number) => number;
  /** Share of the work that meets a stall, 0 to 1, and how long that takes, in milliseconds. */
  readonly stalls: { readonly share: number; readonly ms: number };
  /** Requests a second that it gets. */
  readonly ratePerS: number;
}

/**
 * Three crews that want different treatment. `uneven`: one agent is twenty times as fast as another, always, so that it pays
 * to know how fast each has been. `stalling`: all are alike, and each stalls now and then for no reason: what an agent took
 * of late says nothing of what it takes next, and it pays to see who is busy right now. `twins`: all are alike, and it does
 * not matter.
 */
export const crews: readonly CrewPlan[] = [
  {
    crew: 'uneven',
    agents: 8,
    serviceMs: (index) => 8 * 20 ** (index / 7),
    stalls: { share: 0, ms: 0 },
    ratePerS: 40,
  },
  {
    crew: 'stalling',
    agents: 16,
    serviceMs: () => 10,
    stalls: { share: 0.06, ms: 400 },
    ratePerS: 120,
  },
  { crew: 'twins', agents: 32, serviceMs: () => 12, stalls: { share: 0, ms: 0 }, ratePerS: 40 },
];

/** The rest is chance: work takes between so much of its time and the rest to twice. */
export const leastFactor = 0.8;

export const agentIdIn = (crew: Crew, index: number): string => `${crew}-${index}`;

/** Nobody waits longer for a unit. */
export const unitTimeoutMs = 5_000;

/** Told to the process that asks. */
export interface LoadOrder {
  readonly kind: 'load';
  readonly maxLayer: 'performance' | 'intelligence';
  readonly durationMs: number;
  /** Decides when is asked, and of whom. */
  readonly seed: number;
}

/** What the requests to one crew came to. */
export interface CrewSample {
  readonly crew: Crew;
  /** From when a request was due until its work was done, of those that were. */
  readonly latenciesMs: readonly number[];
  readonly notDone: number;
  /** How often each choice was made, by whichever layer. */
  readonly choices: Readonly<Record<string, number>>;
}

export interface LoadReply {
  readonly samples: readonly CrewSample[];
}
