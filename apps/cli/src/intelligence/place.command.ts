import { limits, parse, placeRequestSchema } from '@nexus/contracts';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readCount, readIds } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { IntelligenceDoor } from './ask-intelligence.js';
import { renderPlacement } from './render-placement.js';

interface PlaceOptions extends ServerOptions {
  readonly json: boolean;
  readonly count: number;
  readonly nodes?: readonly string[];
}

const examples = `
Nodes are where agents say that they run. Where work is soonest done decides; where too little is known of that, the key.

Examples:
  nexus place shard-7
  nexus place shard-7 --count 6 --json`;

/** `nexus place` */
export const placeCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('place')
      .description('say which nodes are to host new agents or tasks')
      .argument('<key>', 'names what is placed')
      .option('--count <n>', 'how many agents or tasks', readCount(1, limits.placementsMax), 1)
      .option('--nodes <ids>', 'where it may go, divided by commas (default: nodes with agents)', readIds),
  )
    .addHelpText('after', examples)
    .action(async (key: string, { count, nodes, ...options }: PlaceOptions) => {
      const wanted = { key, count, ...(nodes && { nodes }) };
      const request = parse(placeRequestSchema, wanted, 'the request');
      await withLink(session, options, async (link) => {
        const { output } = session;
        const reply = await new IntelligenceDoor(link).place(request);
        if (options.json) output.json(reply);
        else output.print(renderPlacement(reply, output.paint));
      });
    });
