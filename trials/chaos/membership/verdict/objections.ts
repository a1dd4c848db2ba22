import { toldOfAfterMs } from '../memory/growth.js';
import { type MembershipReport } from '../report/report.js';
import { growing } from './growing.js';

/** Of a run, what it is judged by. */
export type Run = Pick<
  MembershipReport,
  'membership' | 'end' | 'load' | 'deliveries' | 'memory' | 'failure' | 'killed' | 'durationMs'
>;

/** What speaks against a run; nothing against a good one. A run that shows nothing is no good one. */
export function objections(run: Run): string[] {
  const { membership, end, load, deliveries, memory, failure, killed, durationMs } = run;
  const { late, falseDeaths, resurrections, deaths, returns } = membership;
  const asked = Object.values(load.kinds).reduce((sum, kind) => sum + kind.asked, 0);
  return [
    ...when(failure !== null, `did not happen: ${failure}`),
    ...when(killed === 0 || deaths + returns === 0, 'nobody had anything to notice'),
    ...when(late.length > 0, `${late.length} times a survivor did not know in time`),
    ...when(falseDeaths.length > 0, `${falseDeaths.length} times a living member was held for dead`),
    ...when(resurrections.length > 0, `${resurrections.length} times an ended life was held for alive again`),
    ...when(failure === null && end === null, 'the members did not agree in the end'),
    ...when(asked === 0 || deliveries.delivered === 0, 'nothing was asked or delivered'),
    ...when(load.unexplained.length > 0, `${load.unexplained.length} disturbances that no kill explains`),
    ...when(
      deliveries.disordered.length > 0,
      `${deliveries.disordered.length} deliveries out of order or repeated`,
    ),
    ...when(deliveries.lost.length > 0, `${deliveries.lost.length} broadcasts were not delivered`),
    ...growing(memory),
    // Of a shorter run the report says so, and it is no fault.
    ...when(
      failure === null && memory.lives.length === 0 && durationMs >= toldOfAfterMs,
      'no process lasted long enough to tell whether it grows',
    ),
  ];
}

const when = (holds: boolean, objection: string): string[] => (holds ? [objection] : []);
