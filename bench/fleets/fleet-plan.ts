/** Fleets of these sizes are measured; a larger one contains the smaller. */
export const fleetSizes = [10, 20, 40, 100, 250, 500, 1_000, 10_000] as const;

/** The agent of a place in the fleet. */
export const agentIdAt = (index: number): string => `agent-${index}`;

/** The group of the first `size` agents. */
export const groupOf = (size: number): string => `first-${size}`;

/** The groups of the agent at a place. */
export const groupsAt = (index: number): string[] => fleetSizes.filter((size) => index < size).map(groupOf);

/** What an agent answers, whoever asks: as large as a few figures of a host. */
export const answerData = { cpu: 0.25, memory: 0.5, free: true } as const;

/** Subjects of the fleet that speaks NATS without Nexus. */
export const rawSubjects = {
  agent: (agentId: string) => `raw.agent.${agentId}`,
  group: (group: string) => `raw.group.${group}`,
  /** One request, one reply. */
  answer: (name: string) => `raw.answer.${name}`,
  /** The same, with a number drawn from Redis before. */
  counted: (name: string) => `raw.counted.${name}`,
};

/** Tells a fleet process how many agents it is to run; it answers with the number that runs. */
export interface GrowTo {
  readonly agents: number;
}
