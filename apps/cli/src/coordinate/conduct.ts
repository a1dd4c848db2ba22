import {
  type CoordinateReply,
  type CoordinateRequestInput,
  coordinateRequestSchema,
  parse,
} from '@nexus/contracts';
import { type NexusClient } from '@nexus/sdk';
import { clientOn, withLink } from '../connect/open-client.js';
import { exitCodeOfStatus } from '../ending/exit-codes.js';
import { type Session } from '../session/session.js';
import { withTracing } from '../session/tracing.js';
import { type GoalOptions, selectorOf } from './goal-options.js';
import { renderPart } from './render-part.js';
import { renderHead, renderReply } from './render-reply.js';

/**
 * Asks Nexus, shows what comes, sets the exit code and returns the final reply.
 * @throws NexusError `invalid_argument` before anybody is asked, or what was answered
 */
export async function conduct(
  session: Session,
  options: GoalOptions,
  goal: CoordinateRequestInput['goal'],
): Promise<CoordinateReply> {
  const { requestId, maxLayer, user, exclusive } = options;
  const request: CoordinateRequestInput = {
    agents: selectorOf(options),
    goal,
    ...(requestId !== undefined && { requestId }),
    ...(maxLayer !== undefined && { maxLayer }),
    ...(exclusive && { exclusive }),
  };
  parse(coordinateRequestSchema, request, 'the request');
  const { reply, partsShown } = await withTracing(session, () =>
    withLink(session, options, async (link) => {
      const client = await clientOn(link, user === undefined ? {} : { userId: user });
      return ask(session, client, { request, options });
    }),
  );
  const { output } = session;
  if (options.json) output.json(reply);
  // What came in parts was shown as it came.
  else if (partsShown) output.print(`\n${renderHead(reply, output.paint)}`);
  else output.print(renderReply(reply, output.paint));
  settle(session, reply, options);
  return reply;
}

interface Asked {
  readonly reply: CoordinateReply;
  readonly partsShown: boolean;
}

async function ask(
  { output, interruption: { signal } }: Session,
  client: NexusClient,
  { request, options }: { readonly request: CoordinateRequestInput; readonly options: GoalOptions },
): Promise<Asked> {
  if (!options.stream) return { reply: await client.coordinate(request, { signal }), partsShown: false };
  let partsShown = false;
  const stream = client.stream(request, { signal });
  for await (const part of stream) {
    partsShown = true;
    if (options.json) output.json(part);
    else output.print(renderPart(part, output.paint));
  }
  return { reply: await stream.final, partsShown };
}

function settle(session: Session, { status }: CoordinateReply, options: GoalOptions): void {
  session.exitCode = exitCodeOfStatus(status, options.requireComplete);
  if (status === 'partial' && !options.requireComplete && !options.json) {
    session.output.note('partial: not every agent did its part (--require-complete makes that an error)');
  }
}
