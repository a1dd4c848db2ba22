/** What the agents of a crew have in common. */
export type Crew = 'masked' | 'stalling' | 'twins';

export interface AgentHabits {
  /** Work takes so long, one after the other, in milliseconds, before chance has its say. */
  readonly serviceMs: number;
  /** Share of the work that meets a stall, 0 to 1, and how long that takes, in milliseconds. */
  readonly stalls: { readonly share: number; readonly ms: number };
  /** What it says of its machine, 0 to 1, whatever it does itself. */
  readonly says: { readonly cpu: number; readonly memory: number };
}

export interface CrewPlan {
  readonly crew: Crew;
  readonly agents: number;
  readonly habits: (index: number) => AgentHabits;
  /** Requests a second that it gets. */
  readonly ratePerS: number;
}

const noStalls = { share: 0, ms: 0 } as const;
const calm = { cpu: 0.2, memory: 0.3 } as const;

/**
 * Three crews that want different treatment. `masked`: half of the agents are on great machines that others keep busy, too,
 * and half on small ones that idle: what they say of their load misleads, and what they took of late does not. `stalling`:
 * few agents, all alike, each of which stalls now and then for no reason: what one took of late says nothing of what it takes
 * next, and whoever avoids it has the others carry too much. `twins`: all are alike, and it hardly matters.
 */
export const crews: readonly CrewPlan[] = [
  {
    crew: 'masked',
    agents: 8,
    habits: (index) =>
      index < 4
        ? { serviceMs: 12, stalls: noStalls, says: { cpu: 0.95, memory: 0.9 } }
        : { serviceMs: 90, stalls: noStalls, says: { cpu: 0.05, memory: 0.1 } },
    ratePerS: 60,
  },
  {
    crew: 'stalling',
    agents: 4,
    habits: () => ({ serviceMs: 10, stalls: { share: 0.006, ms: 400 }, says: calm }),
    ratePerS: 200,
  },
  {
    crew: 'twins',
    agents: 32,
    habits: () => ({ serviceMs: 12, stalls: noStalls, says: calm }),
    ratePerS: 60,
  },
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
