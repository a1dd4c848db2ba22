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
import { renderReply } from './render-reply.js';

/**
 * Asks Nexus, shows what comes and sets the exit code.
 * @throws NexusError `invalid_argument` before anybody is asked, or what was answered
 */
export async function conduct(
  session: Session,
  options: GoalOptions,
  goal: CoordinateRequestInput['goal'],
): Promise<void> {
  const { requestId, maxLayer, user } = options;
  const request: CoordinateRequestInput = {
    agents: selectorOf(options),
    goal,
    ...(requestId !== undefined && { requestId }),
    ...(maxLayer !== undefined && { maxLayer }),
  };
  parse(coordinateRequestSchema, request, 'the request');
  const reply = await withTracing(session, () =>
    withLink(session, options, async (link) => {
      const client = await clientOn(link, user === undefined ? {} : { userId: user });
      return ask(session, client, { request, options });
    }),
  );
  if (options.json) session.output.json(reply);
  else session.output.print(renderReply(reply, session.output.paint));
  settle(session, reply, options);
}

async function ask(
  { output, interruption: { signal } }: Session,
  client: NexusClient,
  { request, options }: { readonly request: CoordinateRequestInput; readonly options: GoalOptions },
): Promise<CoordinateReply> {
  if (!options.stream) return client.coordinate(request, { signal });
  const stream = client.stream(request, { signal });
  for await (const part of stream) {
    if (options.json) output.json(part);
    else output.print(renderPart(part, output.paint));
  }
  return stream.final;
}

function settle(session: Session, { status }: CoordinateReply, options: GoalOptions): void {
  session.exitCode = exitCodeOfStatus(status, options.requireComplete);
  if (status === 'partial' && !options.requireComplete && !options.json) {
    session.output.note('partial: not every agent did its part (--require-complete makes that an error)');
  }
}
