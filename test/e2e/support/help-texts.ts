import { PassThrough } from 'node:stream';
import { type Command } from 'commander';
import { loadCliConfig } from '../../../apps/cli/src/cli.config.js';
import { Interruption } from '../../../apps/cli/src/ending/interruption.js';
import { createProgram } from '../../../apps/cli/src/program.js';
import { findInstallation } from '../../../apps/cli/src/session/installation.js';
import { Output } from '../../../apps/cli/src/session/output.js';

/** What `--help` shows for each command of `nexus`, in the order of the tree. */
export function helpTexts(): Map<string, string> {
  const written = new PassThrough({ encoding: 'utf8' });
  const interruption = Interruption.listen();
  interruption.leave();
  const program = createProgram({
    config: loadCliConfig({}),
    output: new Output(written as never, written as never),
    interruption,
    installation: findInstallation(),
    input: process.stdin,
    exitCode: 0,
  });
  const texts = new Map<string, string>();
  const visit = (command: Command, path: string) => {
    command.outputHelp();
    texts.set(path, String(written.read() ?? ''));
    for (const child of command.commands) visit(child, `${path} ${child.name()}`);
  };
  visit(program, 'nexus');
  return texts;
}

/** The lines that a help shows to be typed. */
export function examplesIn(help: string): string[] {
  const [, examples = ''] = /\nExamples?:\n([^]*)$/.exec(help) ?? [];
  return examples
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
