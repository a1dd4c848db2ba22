import { limits } from '@nexus/contracts';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { type Link, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readCount } from '../reading/numbers.js';
import { redrawing } from '../session/redrawing.js';
import { type Session } from '../session/session.js';
import { askMetrics } from './ask-metrics.js';
import { renderMetrics } from './render-metrics.js';

interface MetricsOptions extends ServerOptions {
  readonly json: boolean;
  readonly watch: boolean;
  readonly agents: number;
}

const agentsDefault = 5;

const examples = `
Summed over all coordinators since figures were first kept; a coordinator adds its own each second. P50 and P99 are
estimates from buckets. Each service also shows metrics for Prometheus, at /metrics of NEXUS_HEALTH_PORT.

Examples:
  nexus metrics
  nexus metrics --watch
  nexus metrics --agents 20 --json`;

/** `nexus metrics` */
export const metricsCommand = (session: Session): Command =>
  addLinkOptions(new Command('metrics'))
    .description('show what coordinations came to, how long they took and who did the work')
    .option(
      '--agents <n>',
      'how many of the agents that were assigned most to name, for each algorithm',
      readCount(0, limits.metricsAgentsMax),
      agentsDefault,
    )
    .option('--watch', 'show it anew each second until Ctrl-C', false)
    .addHelpText('after', examples)
    .action((options: MetricsOptions) =>
      withLink(session, options, (link) =>
        options.watch
          ? redrawing(session, options, () => show(session, link, options))
          : show(session, link, options),
      ),
    );

async function show({ output }: Session, link: Link, { json, watch, agents }: MetricsOptions): Promise<void> {
  const figures = await askMetrics(link, agents);
  if (json) {
    output.json(figures);
    return;
  }
  if (watch) output.clear();
  output.print(renderMetrics(figures, output.paint));
}
