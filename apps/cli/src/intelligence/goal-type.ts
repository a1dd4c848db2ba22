import { goalTypes } from '@nexus/contracts';
import { Argument, Option } from 'commander';

export type GoalTypeName = (typeof goalTypes)[number];

/** The type of goal that a command is about. */
export const goalTypeArgument = (): Argument =>
  new Argument('<type>', 'the type of goal').choices([...goalTypes]);

export const goalTypeOption = (means: string): Option =>
  new Option('--type <type>', means).choices([...goalTypes]);
