import { type CoordinateReply } from '@nexus/contracts';
import { type NexusClient } from '@nexus/sdk';
import { type InputFiles } from './input-files.js';

/** The sample fleet, as the showcase needs it. */
export interface SampleFleet {
  readonly group: string;
  readonly agents: readonly { readonly agentId: string; kill(signal: NodeJS.Signals): boolean }[];
}

export interface ShowcaseScene {
  readonly client: NexusClient;
  readonly fleet: SampleFleet;
  readonly files: InputFiles;
  /** Aborts when the showcase is given up. */
  readonly signal: AbortSignal;
  /** Writes lines for people. */
  readonly say: (text: string) => void;
}

/** What a step came to. */
export interface StepOutcome {
  readonly ok: boolean;
  /** What came of it, in a few words. */
  readonly finding: string;
  readonly layer: CoordinateReply['layer'];
  readonly durationMs: number;
  readonly agents: number;
  readonly traceId: string;
}

/** The outcome of a step that was one coordination. */
export const outcomeOf = (
  reply: CoordinateReply,
  verdict: Pick<StepOutcome, 'ok' | 'finding'>,
): StepOutcome => ({
  ...verdict,
  layer: reply.layer,
  durationMs: reply.performance.durationMs,
  agents: reply.performance.agents,
  traceId: reply.traceId,
});
