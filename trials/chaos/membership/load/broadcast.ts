/** The group of all agents of the trial. */
export const fleetGroup = 'fleet';

/** What is broadcast: each is asked for once the one before it was answered. */
export interface Broadcast {
  readonly number: number;
}
