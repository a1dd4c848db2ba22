import { randomUUID } from 'node:crypto';
import {
  type CommandInput,
  NexusError,
  parse,
  type ProposeReply,
  proposeRequestSchema,
} from '@nexus/contracts';
import { type Colours } from '@nexus/platform/terminal';
import { type Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { clientOn, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { Advised } from '../ending/next-step.js';
import { type DurationMs, readDuration } from '../reading/duration.js';
import { type Session } from '../session/session.js';
import { withTracing } from '../session/tracing.js';
import { renderFacts } from './facts.js';

/** What every proposal takes. */
export interface ProposalOptions extends ServerOptions {
  readonly json: boolean;
  readonly timeout?: DurationMs;
  readonly requestId?: string;
}

/** Adds them; a command's own options come first. */
export const addProposalOptions = (command: Command): Command =>
  addLinkOptions(
    command
      .option('--timeout <time>', 'when to give up: 5s, 250ms, 2m (default: 10s)', readDuration)
      .option('--request-id <id>', 'names the proposal: a repeat within 2 minutes gets the first outcome'),
  );

/**
 * Commits a command and shows where it stands.
 * @throws NexusError `invalid_argument` before anybody is asked, or what was answered; Advised with the request id when
 *   the outcome is unknown: under it the same line can be typed again
 */
export async function propose(
  session: Session,
  options: ProposalOptions,
  command: CommandInput,
): Promise<void> {
  const { requestId = randomUUID(), timeout } = options;
  const limit = timeout !== undefined && { timeoutMs: timeout };
  parse(proposeRequestSchema, { requestId, command, ...limit }, 'the proposal');
  const { signal } = session.interruption;
  const reply = await withTracing(session, () =>
    withLink(session, options, async (link) =>
      (await clientOn(link)).propose(command, { requestId, signal, ...limit }),
    ),
  ).catch((error: unknown) => {
    throw isUnknown(error) ? new Advised(error, repeatWith(requestId)) : error;
  });
  const { output } = session;
  if (options.json) output.json(reply);
  else output.print(renderProposal(reply, output.paint));
}

const isUnknown = (error: unknown): error is NexusError =>
  error instanceof NexusError && error.code === 'unknown';

const repeatWith = (requestId: string) =>
  `it may be committed, or not: repeat it with --request-id ${requestId} within two minutes of the first try, ` +
  'which applies it once; later, read what is there first';

/** @internal exported for its spec */
export const renderProposal = (
  { index, term, version, value, fencingToken }: ProposeReply,
  paint: Colours,
): string =>
  renderFacts(
    [
      ['committed', `index ${index}, term ${term}`],
      ['version', String(version)],
      ['value', value === undefined ? undefined : JSON.stringify(value)],
      ['token', fencingToken === undefined ? undefined : String(fencingToken)],
    ],
    paint,
  );
