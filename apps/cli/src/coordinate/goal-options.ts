import { type CoordinateRequestInput, layerNames, NexusError } from '@nexus/contracts';
import { type AgentSelector } from '@nexus/sdk';
import { type Command, Option } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readDuration } from '../reading/duration.js';
import { readJson } from '../reading/json.js';
import { readIds } from '../reading/numbers.js';
import { readSource } from '../reading/text-source.js';

/** What every type of coordination takes. */
export interface GoalOptions extends ServerOptions {
  readonly json: boolean;
  readonly ids?: readonly string[];
  readonly group?: string;
  readonly capability?: string;
  readonly all?: true;
  readonly payload?: string;
  readonly timeout?: number;
  readonly requestId?: string;
  readonly maxLayer?: NonNullable<CoordinateRequestInput['maxLayer']>;
  readonly stream: boolean;
  readonly user?: string;
  readonly requireComplete: boolean;
  readonly exclusive: boolean;
}

/** Adds them; a command's own options come first. */
export const addGoalOptions = (command: Command): Command =>
  addLinkOptions(
    command
      .option('--ids <ids>', 'these agents, divided by commas', readIds)
      .option('--group <group>', 'the agents of this group')
      .option('--capability <capability>', 'the agents with this capability')
      .option('--all', 'every agent')
      .option('--payload <json>', 'what the agents get: JSON, @file, or - for standard input')
      .option('--timeout <time>', 'when to stop waiting: 5s, 250ms, 2m (default: 5s)', readDuration)
      .option('--request-id <id>', 'names the request: a repeat within 2 minutes gets the first outcome')
      .addOption(new Option('--max-layer <layer>', 'the highest layer to use').choices(layerNames))
      .option('--stream', 'show answers as they come', false)
      .option('--user <id>', 'ask as this user (default: anonymous)')
      .option('--exclusive', 'keep other exclusive requests off these agents until it is done', false)
      .option('--require-complete', 'exit with 11 when an agent is missing or failed', false),
  );

/**
 * The agents that the options name.
 * @throws NexusError `invalid_argument` unless they name them in exactly one way
 */
export function selectorOf({ ids, group, capability, all }: GoalOptions): AgentSelector {
  const selectors: AgentSelector[] = [
    ...(ids ? [{ ids: [...ids] }] : []),
    ...(group === undefined ? [] : [{ group }]),
    ...(capability === undefined ? [] : [{ capability }]),
    ...(all ? [{ all }] : []),
  ];
  const [selector] = selectors;
  if (selector !== undefined && selectors.length === 1) return selector;
  throw new NexusError(
    'invalid_argument',
    'name the agents in one way: --ids a,b or --group g or --capability c or --all',
  );
}

/** What every goal has, whatever its type. */
export interface GoalBase {
  readonly payload?: unknown;
  readonly timeoutMs?: number;
}

/** @throws NexusError `invalid_argument` for a payload that cannot be read */
export async function goalBaseOf(options: GoalOptions, stdin: NodeJS.ReadableStream): Promise<GoalBase> {
  const { payload, timeout } = options;
  return {
    ...(payload !== undefined && { payload: readJson(await readSource(payload, stdin), '--payload') }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
  };
}
