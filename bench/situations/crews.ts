/** What the agents of a crew have in common. */
export type Crew = 'masked' | 'announcing' | 'twins';

/** What an agent says of its machine, 0 to 1. */
export interface Says {
  readonly cpu: number;
  readonly memory: number;
}

/** Now and then an agent cleans up after itself, says so with its answer, and does the next work only afterwards. */
export interface CleaningUp {
  /** Of its answers, 0 to 1. */
  readonly share: number;
  readonly takesMs: number;
  readonly says: Says;
}

export interface AgentHabits {
  /** Work takes so long, one after the other, in milliseconds, before chance has its say. */
  readonly serviceMs: number;
  readonly cleaningUp?: CleaningUp;
  readonly says: Says;
}

export interface CrewPlan {
  readonly crew: Crew;
  readonly agents: number;
  readonly habits: (index: number) => AgentHabits;
  /** Requests a second that it gets. */
  readonly ratePerS: number;
}

const calm = { cpu: 0.2, memory: 0.3 } as const;

/**
 * Three crews that want different treatment. `masked`: half of the agents are on great machines that others keep busy, too,
 * and half on small ones that idle: what they say of their load misleads, and what they took of late does not. `announcing`:
 * all are alike, and clean up now and then, as after many fast answers, and say so: what they took of late misleads, and what
 * they say does not. `twins`: all are alike, and it hardly matters.
 */
export const crews: readonly CrewPlan[] = [
  {
    crew: 'masked',
    agents: 8,
    habits: (index) =>
      index < 4
        ? { serviceMs: 12, says: { cpu: 0.95, memory: 0.9 } }
        : { serviceMs: 90, says: { cpu: 0.05, memory: 0.1 } },
    ratePerS: 80,
  },
  {
    crew: 'announcing',
    agents: 24,
    habits: () => ({
      serviceMs: 8,
      cleaningUp: { share: 0.4, takesMs: 200, says: { cpu: 1, memory: 0.9 } },
      says: calm,
    }),
    ratePerS: 80,
  },
  {
    crew: 'twins',
    agents: 64,
    habits: () => ({ serviceMs: 12, says: calm }),
    ratePerS: 40,
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
