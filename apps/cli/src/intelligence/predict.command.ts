import { type Features, limits, parse, predictRequestSchema } from '@nexus/contracts';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { type DurationMs, durationReader, readDuration } from '../reading/duration.js';
import { readJson } from '../reading/json.js';
import { readNumber, readWhole } from '../reading/numbers.js';
import { readSource } from '../reading/text-source.js';
import { type Session } from '../session/session.js';
import { IntelligenceDoor } from './ask-intelligence.js';
import { type GoalTypeName, goalTypeArgument } from './goal-type.js';
import { renderPrediction } from './render-prediction.js';

interface FeatureOptions {
  readonly agents?: number;
  readonly diversity?: number;
  readonly complexity?: number;
  readonly deadline?: DurationMs;
  readonly latency?: DurationMs;
  readonly load?: number;
  readonly active?: number;
  readonly successRate?: number;
}

interface PredictOptions extends ServerOptions, FeatureOptions {
  readonly json: boolean;
  readonly features?: string;
}

const readShare = readNumber(0, 1);
const complexityMax = 1_000;

const examples = `
What is not said of the situation is taken as usual for this type, and named.

Examples:
  nexus predict gather
  nexus predict gather --agents 120 --deadline 30s --load 0.4
  nexus predict load_balance --features '{"agents":20,"latencyMs":35}' --json`;

/** `nexus predict` */
export const predictCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('predict')
      .description('say what would be chosen in a situation, how long it would take, and why')
      .addArgument(goalTypeArgument())
      .option('--agents <n>', 'agents that it is for', readWhole)
      .option('--diversity <share>', 'how different they are, 0 to 1', readShare)
      .option('--complexity <x>', 'how heavy it is; 1 is usual', readNumber(0, complexityMax))
      .option('--deadline <time>', 'time that it has: 30s', readDuration)
      .option(
        '--latency <time>',
        'what a message takes there and back: 2ms',
        durationReader({ minMs: 0, maxMs: limits.timeoutMsMax }),
      )
      .option('--load <share>', 'how busy the coordinator is, 0 to 1', readShare)
      .option('--active <n>', 'coordinations under way', readWhole)
      .option('--success-rate <share>', 'share of success of late, 0 to 1', readShare)
      .option(
        '--features <json>',
        'all of it by the names of the wire: JSON, @file, or - for standard input',
      ),
  )
    .addHelpText('after', examples)
    .action(async (type: GoalTypeName, options: PredictOptions) => {
      const { features: named, json } = options;
      const told = named === undefined ? {} : readJson(await readSource(named, session.input), '--features');
      const features = { ...(told as object), ...featuresOf(options) };
      const request = parse(predictRequestSchema, { type, features }, 'the situation');
      await withLink(session, options, async (link) => {
        const { output } = session;
        const reply = await new IntelligenceDoor(link).predict(request);
        if (json) output.json(reply);
        else output.print(renderPrediction(reply, Date.now(), output.paint));
      });
    });

/**
 * The features that options name, as on the wire.
 * @internal exported for its spec
 */
export function featuresOf({ deadline, latency, ...options }: FeatureOptions): Partial<Features> {
  const { agents, diversity, complexity, load, active, successRate } = options;
  const wanted = {
    ...{ agents, diversity, complexity, load, active, successRate },
    ...{ deadlineS: deadline === undefined ? undefined : deadline / 1_000, latencyMs: latency },
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}
