/** The environment of a child: ours, with what the trial decides. */
export const childEnvironment = (own: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  ...own,
});

const gossipRoundVariable = 'NEXUS_GOSSIP_ROUND_MS';

/** What a child is told of the time between two rounds of gossip. */
export const gossipRoundOf = (roundMs: number): Record<string, string> => ({
  [gossipRoundVariable]: String(roundMs),
});

/** The time between two rounds of gossip, in milliseconds, as the trial told it to this process. */
export const gossipRoundMs = (): number => Number(process.env[gossipRoundVariable]);
