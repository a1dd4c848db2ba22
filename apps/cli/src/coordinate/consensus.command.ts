import { randomUUID } from 'node:crypto';
import { NexusError, type Quorum } from '@nexus/contracts';
import { Command, InvalidArgumentError } from 'commander';
import { Advised } from '../ending/next-step.js';
import { readJson } from '../reading/json.js';
import { collect } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { conduct } from './conduct.js';
import { addGoalOptions, goalBaseOf, type GoalOptions } from './goal-options.js';

interface ConsensusOptions extends GoalOptions {
  readonly key: string;
  readonly option?: readonly string[];
  readonly value?: string;
  readonly quorum?: Quorum;
  readonly commit: boolean;
}

const examples = `
Examples:
  nexus coordinate consensus --group workers --key hash --option sha256 --option sha512
  nexus coordinate consensus --all --key rollout --value '{"version":2}' --quorum two_thirds --no-commit`;

/** `nexus coordinate consensus` */
export const consensusCommand = (session: Session): Command =>
  addGoalOptions(
    new Command('consensus')
      .description('let them decide together')
      .requiredOption('--key <key>', 'what is decided')
      .option('--option <text>', 'one of the options; repeat it', collect)
      .option('--value <json>', 'without options: what they accept or reject')
      .option('--quorum <votes>', 'majority, two_thirds, unanimous or a number', readQuorum)
      .option('--no-commit', 'count the votes without recording a decision'),
  )
    .addHelpText('after', examples)
    .action(async (options: ConsensusOptions) => {
      const { key, option, value, quorum, commit } = options;
      const base = await goalBaseOf(options, session.input);
      const proposal = {
        key,
        ...(option && { options: [...option] }),
        ...(value !== undefined && { value: readJson(value, '--value') }),
      };
      const goal = { ...base, proposal, commit, ...(quorum !== undefined && { quorum }) };
      // Chosen here, so that it can be told where the outcome is not known.
      const { requestId = randomUUID() } = options;
      const request = { type: 'consensus' as const, ...goal };
      await conduct(session, { ...options, requestId }, request).catch((error: unknown) => {
        throw commit && error instanceof NexusError ? advised(error, requestId) : error;
      });
    });

/** What is special about a decision that was to be recorded. */
function advised(error: NexusError, requestId: string): Error {
  switch (error.code) {
    case 'unknown':
      return new Advised(error, `repeat it with --request-id ${requestId}: it tells what was decided`);
    case 'unavailable':
    case 'not_leader':
      return new Advised(
        error,
        'nexus consensus status shows how the log is; --no-commit counts votes without recording a decision',
      );
    case 'conflict':
      return new Advised(
        error,
        'another decision was first: read it with nexus consensus read, or vote again',
      );
    default:
      return error;
  }
}

const quorumNames = ['majority', 'two_thirds', 'unanimous'] as const;

/** @internal exported for its spec */
export function readQuorum(text: string): Quorum {
  const name = quorumNames.find((known) => known === text);
  if (name !== undefined) return name;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('majority, two_thirds, unanimous or a number of votes.');
}
