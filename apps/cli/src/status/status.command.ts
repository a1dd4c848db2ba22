import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { type Link, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { exitCodeOf } from '../ending/exit-codes.js';
import { redrawing } from '../session/redrawing.js';
import { type Session } from '../session/session.js';
import { renderStatus } from './render-status.js';
import { takeStatus } from './status-report.js';

interface StatusOptions extends ServerOptions {
  readonly json: boolean;
  readonly watch: boolean;
}

const examples = `
Exit code 7 when no coordinator or no routing answers.

Examples:
  nexus status
  nexus status --watch
  nexus status --json`;

/** `nexus status` */
export const statusCommand = (session: Session): Command =>
  addLinkOptions(new Command('status'))
    .description('show the services that answer, the agents and the broker')
    .option('--watch', 'show it anew each second until Ctrl-C', false)
    .addHelpText('after', examples)
    .action((options: StatusOptions) =>
      withLink(session, options, (link) =>
        options.watch
          ? redrawing(session, options, () => draw(session, link, options))
          : show(session, link, options),
      ),
    );

async function show(session: Session, link: Link, { json }: StatusOptions): Promise<void> {
  const report = await takeStatus(link);
  if (json) session.output.json(report);
  else session.output.print(renderStatus(report, Date.now(), session.output.paint));
  session.exitCode = report.problems.length === 0 ? 0 : exitCodeOf('unavailable');
}

async function draw({ output }: Session, link: Link, { json }: StatusOptions): Promise<void> {
  const report = await takeStatus(link);
  if (json) {
    output.json(report);
    return;
  }
  output.clear();
  output.print(`${renderStatus(report, Date.now(), output.paint)}\n`);
}
