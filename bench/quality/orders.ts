import { type AlgorithmName } from '@nexus/contracts';
import { type OpenSample } from '../measure/open-loop.js';

/** Who chooses the agent of a unit. */
export type Chooser =
  | { readonly kind: 'queue group' }
  | { readonly kind: 'by hand' }
  | { readonly kind: 'nexus'; readonly algorithm: AlgorithmName };

/** Told to the processes of the fleet. */
export type FleetOrder =
  /** New agents, of which nobody knows anything. */
  | { readonly kind: 'form'; readonly fleet: string; readonly registered: boolean; readonly seed: number }
  | { readonly kind: 'begin'; readonly durationMs: number }
  /** They leave; the reply says what they had. */
  | { readonly kind: 'disband' };

/** Units that an agent was given, from a while after the beginning on. */
export interface AgentCount {
  readonly index: number;
  readonly units: number;
  readonly unitsSettled: number;
}

/** Told to the client's process. */
export type ClientOrder =
  | { readonly kind: 'await'; readonly fleet: string; readonly agents: number }
  | { readonly kind: 'probe'; readonly fleet: string; readonly chooser: Chooser }
  | {
      readonly kind: 'load';
      readonly fleet: string;
      readonly chooser: Chooser;
      readonly ratePerS: number;
      readonly durationMs: number;
      readonly seed: number;
    };

export type ProbeReply = { readonly served: true } | { readonly served: false; readonly why: string };
export type LoadReply = OpenSample;

/** The start is not held against anybody: shares are counted from here on, in milliseconds. */
export const settledAfterMs = 3_000;

/** Subjects of a fleet that speaks without Nexus. */
export const fleetSubjects = {
  any: (fleet: string) => `quality.${fleet}.any`,
  agent: (fleet: string, index: number) => `quality.${fleet}.agent.${index}`,
};

/** Ids of the same agents at Nexus. */
export const agentIdIn = (fleet: string, index: number): string => `${fleet}-${index}`;
