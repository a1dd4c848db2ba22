import { limits } from '@nexus/contracts';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readCount } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { IntelligenceDoor } from './ask-intelligence.js';
import { dismissCommand } from './dismiss.command.js';
import { renderAnomalies } from './render-anomalies.js';

interface AnomaliesOptions extends ServerOptions {
  readonly json: boolean;
  readonly limit: number;
}

const limitDefault = 20;

const examples = `
An agent on probation gets less work; a type of goal that is demoted is served a layer lower. Both end by themselves.

Examples:
  nexus anomalies
  nexus anomalies --limit 5 --json`;

/** `nexus anomalies` */
export const anomaliesCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('anomalies')
      .description('show what is not as usual, and what is done about it')
      .option(
        '--limit <n>',
        'how much of what happened, the latest first',
        readCount(1, limits.listLimitMax),
        limitDefault,
      ),
  )
    .enablePositionalOptions()
    .addCommand(dismissCommand(session))
    .addHelpText('after', examples)
    .action(({ limit, ...options }: AnomaliesOptions) =>
      withLink(session, options, async (link) => {
        const { output } = session;
        const seen = await new IntelligenceDoor(link).anomalies({ limit });
        if (options.json) output.json(seen);
        else output.print(renderAnomalies(seen, Date.now(), output.paint));
      }),
    );
