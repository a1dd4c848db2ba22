import { setTimeout as pause } from 'node:timers/promises';
import { explainRequestSchema, type ExplainReply, NexusError, parse } from '@nexus/contracts';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { Advised } from '../ending/next-step.js';
import { readSource } from '../reading/text-source.js';
import { type Session } from '../session/session.js';
import { IntelligenceDoor } from './ask-intelligence.js';
import { renderExplanation } from './render-explanation.js';

interface ExplainOptions extends ServerOptions {
  readonly json: boolean;
}

/** Coordinators tell what ended every other second. */
const toldWithinMs = 5_000;
const lookEveryMs = 250;

const examples = `
The last 10,000 coordinations are known, of very many at once a sample. With - the id, or the whole reply of a
coordination, is read from standard input.

Examples:
  nexus coordinate gather --group workers --json | nexus explain -`;

/** `nexus explain` */
export const explainCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('explain')
      .description('show why a coordination was done as it was, and what came of it')
      .argument('<coordinationId>', 'as in its reply, or - for standard input'),
  )
    .addHelpText('after', examples)
    .action(async (named: string, options: ExplainOptions) => {
      const text = named === '-' ? idIn(await readSource(named, session.input)) : named;
      const { coordinationId } = parse(explainRequestSchema, { coordinationId: text }, 'the id');
      await withLink(session, options, async (link) => {
        const { output, interruption } = session;
        const reply = await explained(new IntelligenceDoor(link), coordinationId, interruption.signal);
        if (options.json) output.json(reply);
        else output.print(renderExplanation(reply, output.paint));
      });
    });

/** Looks again for a while: what ended just now is not told yet. */
async function explained(
  door: IntelligenceDoor,
  coordinationId: string,
  signal: AbortSignal,
): Promise<ExplainReply> {
  const deadline = performance.now() + toldWithinMs;
  for (;;) {
    try {
      return await door.explain(coordinationId);
    } catch (thrown) {
      const unknown = thrown instanceof Advised && thrown.error.code === 'not_found';
      if (!unknown || performance.now() > deadline) throw thrown;
    }
    await pause(lookEveryMs, undefined, { signal });
  }
}

/**
 * The id in the last line of what a coordination printed, or the text itself.
 * @throws NexusError `invalid_argument` when there is none
 * @internal exported for its spec
 */
export function idIn(text: string): string {
  const last = text.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) return last;
  try {
    const { coordinationId } = JSON.parse(last) as { coordinationId?: unknown };
    if (typeof coordinationId === 'string') return coordinationId;
  } catch {
    // As without an id.
  }
  throw new NexusError('invalid_argument', 'standard input has no reply with a coordinationId');
}
