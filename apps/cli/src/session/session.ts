import { type CliConfig } from '../cli.config.js';
import { type Interruption } from '../ending/interruption.js';
import { type Installation } from './installation.js';
import { type Output } from './output.js';

/** What every command works with. */
export interface Session {
  readonly config: CliConfig;
  readonly output: Output;
  readonly interruption: Interruption;
  readonly installation: Installation;
  /** Standard input, read when an option names `-`. */
  readonly input: NodeJS.ReadStream;
  /** Set by a command that ends otherwise than with 0. */
  exitCode: number;
}
