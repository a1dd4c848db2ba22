import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readCount } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { IntelligenceDoor } from './ask-intelligence.js';
import { type GoalTypeName, goalTypeOption } from './goal-type.js';
import { overdueText } from './model-health.js';
import { renderModels } from './render-models.js';
import { rollbackCommand } from './rollback.command.js';
import { trainCommand } from './train.command.js';

interface ModelsOptions extends ServerOptions {
  readonly json: boolean;
  readonly type?: GoalTypeName;
  readonly limit: number;
  readonly rules: boolean;
}

const limitMax = 100;
const limitDefault = 5;

const examples = `
GAIN is by how much choosing by the model is better than the layer below, as utility from 0 to 1 on outcomes that it had
not seen, with its 95 % interval. ERROR is of the predicted duration; COVERAGE is how often the duration lay in the
predicted interval, and how often it is to.

Examples:
  nexus models
  nexus models --type gather --rules
  nexus models train
  nexus models --json`;

/** `nexus models` */
export const modelsCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('models')
      .description('show what was learned, how good it is and when was trained last')
      .addOption(goalTypeOption('only the models of this type of goal'))
      .option('--limit <n>', 'versions of each type, the newest first', readCount(1, limitMax), limitDefault)
      .option('--rules', 'show what each says, line by line', false),
  )
    .enablePositionalOptions()
    .addCommand(trainCommand(session))
    .addCommand(rollbackCommand(session))
    .addHelpText('after', examples)
    .action(({ type, limit, rules, ...options }: ModelsOptions) =>
      withLink(session, options, async (link) => {
        const { output } = session;
        const seen = await new IntelligenceDoor(link).models({ limit, ...(type && { type }) });
        if (options.json) {
          output.json(seen);
          return;
        }
        output.print(renderModels(seen, { nowMs: Date.now(), rules, paint: output.paint }));
        if (seen.training.overdue) output.note(output.notePaint.yellow(overdueText(seen.training)));
      }),
    );
