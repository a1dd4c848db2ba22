/** The group that all agents of the trial are in. */
export const workersGroup = 'workers';

/** Units that an agent takes at once. */
export const agentWindow = 4;

/** What an agent is told. */
export interface UnitPayload {
  /** Its id: no two units of a trial have the same. */
  readonly unit: string;
  /** How long it takes, in milliseconds. */
  readonly takesMs: number;
}

/** What an agent answers. */
export interface UnitDone {
  readonly unit: string;
}
