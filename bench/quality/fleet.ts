/** What an agent is like beside its speed. */
export type Character = 'steady' | 'slows' | 'fails' | 'lies';

export interface AgentPlan {
  readonly index: number;
  /** Times as fast as the slowest. */
  readonly speed: number;
  readonly character: Character;
}

/** What the slowest takes for a unit, in milliseconds. */
export const slowestServiceMs = 400;
/** So much slower is the one that slows down, from midway on. */
export const slowsByFactor = 10;
/** Nobody waits longer for a unit. */
export const unitTimeoutMs = 5_000;

const characters: Readonly<Record<number, Character>> = { 4: 'lies', 10: 'fails', 20: 'slows' };

/** Twenty agents, the fastest twenty times as fast as the slowest; three of them have a fault. */
export const fleet: readonly AgentPlan[] = Array.from({ length: 20 }, (_, index) => ({
  index,
  speed: index + 1,
  character: characters[index + 1] ?? 'steady',
}));

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Speed that is left from midway on; one that fails does no work. */
const leftOf = ({ speed, character }: AgentPlan): number => {
  if (character === 'fails') return 0;
  return character === 'slows' ? speed / slowsByFactor : speed;
};

/** Units a second that the fleet can do once one has slowed down: what can be asked of it throughout. */
export const capacityPerS = (sum(fleet.map(leftOf)) * 1_000) / slowestServiceMs;

/** The share of the work that an agent would have if all were equally busy before one slows down, 0 to 1. */
export function fairShareOf({ speed, character }: AgentPlan): number {
  const working = fleet.filter((agent) => agent.character !== 'fails');
  return character === 'fails' ? 0 : speed / sum(working.map((agent) => agent.speed));
}
