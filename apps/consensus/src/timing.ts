/** The rhythm of elections, in milliseconds. */
export interface Timing {
  readonly tickMs: number;
  readonly heartbeatMs: number;
  readonly electionMsMin: number;
  readonly electionMsMax: number;
}

export const timingNames = ['local', 'lan', 'wan'] as const;
export type TimingName = (typeof timingNames)[number];

/**
 * `local`: one machine, or a quiet network with quick disks (the seed's 50 and 150 to 300 ms). `lan`: machines that share
 * their cores or their disks. `wan`: regions a hundred milliseconds apart.
 */
export const timings: Readonly<Record<TimingName, Timing>> = {
  local: { tickMs: 10, heartbeatMs: 50, electionMsMin: 150, electionMsMax: 300 },
  lan: { tickMs: 10, heartbeatMs: 100, electionMsMin: 1_000, electionMsMax: 2_000 },
  wan: { tickMs: 50, heartbeatMs: 500, electionMsMin: 5_000, electionMsMax: 10_000 },
};
