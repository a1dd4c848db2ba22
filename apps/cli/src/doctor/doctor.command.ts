import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { type ServerOptions } from '../connect/server-address.js';
import { exitCodes } from '../ending/exit-codes.js';
import { type Session } from '../session/session.js';
import { doctorChecks } from './checks.js';
import { diagnose } from './finding.js';
import { renderDiagnosis, renderVerdict } from './render-diagnosis.js';

interface DoctorOptions extends ServerOptions {
  readonly json: boolean;
}

const examples = `
Exit code 1 when anything failed; warnings alone end with 0.

Examples:
  nexus doctor
  nexus doctor --nats nats://127.0.0.1:4222 --json`;

/** `nexus doctor` */
export const doctorCommand = (session: Session): Command =>
  addLinkOptions(new Command('doctor'))
    .description('look for what keeps Nexus from running here, and say what to do')
    .addHelpText('after', examples)
    .action((options: DoctorOptions) => examine(session, options));

async function examine(session: Session, options: DoctorOptions): Promise<void> {
  const { output } = session;
  // All at once, shown in order, each as soon as those before it are known.
  const looks = (await doctorChecks(session, options)).map(diagnose);
  if (!options.json) {
    for (const look of looks) output.print(renderDiagnosis(await look, output.paint));
  }
  const checks = await Promise.all(looks);
  const healthy = checks.every(({ verdict }) => verdict !== 'fail');
  if (options.json) output.json({ healthy, checks });
  else output.print(`\n${renderVerdict(checks)}`);
  session.exitCode = healthy ? exitCodes.ok : exitCodes.other;
}
