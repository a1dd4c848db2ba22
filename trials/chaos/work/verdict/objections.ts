import { agentWindow } from '../load/unit.js';
import { type WorkReport } from '../report/report.js';

/** Of a run, what it is judged by. */
export type Run = Pick<
  WorkReport,
  'accounts' | 'flight' | 'kills' | 'onlySurvivorsAfterMs' | 'outage' | 'numbers'
>;

/** Within which nothing may be in flight any more once the last reply is in, in milliseconds. */
export const zeroWithinMs = 5_000;

/** What speaks against a run; nothing against a good one. A run that shows nothing is no good one. */
export function objections(run: Run): string[] {
  const { accounts, flight, kills, onlySurvivorsAfterMs, outage } = run;
  const { misaccounted, misrun, layers, done } = accounts;
  const lower = Object.keys(layers).filter((layer) => layer !== 'performance');
  return [
    ...when(misaccounted.length > 0, `${misaccounted.length} results are missing, strange or there twice`),
    ...when(misrun.length > 0, `${misrun.length} times a unit ran otherwise than its result says`),
    ...when(done === 0, 'nothing was done'),
    ...when(lower.length > 0, `requests were served by ${lower.join(', ')}`),
    ...when(kills.length === 0 || accounts.triedAgain === 0, 'nobody was killed in flight'),
    ...when(flight.inFlightPeak === 0, 'nothing was seen in flight'),
    ...when(
      flight.inFlightMaxPeak > agentWindow,
      `an agent that takes ${agentWindow} at once was given ${flight.inFlightMaxPeak}`,
    ),
    ...when(
      flight.zeroAfterMs === null,
      `something was still in flight ${zeroWithinMs} ms after the last reply`,
    ),
    ...when(onlySurvivorsAfterMs === null, 'the list of agents never was that of the survivors'),
    ...(outage ? ofOutage(outage) : []),
    ...ofNumbers(run),
  ];
}

const ofOutage = ({ ownAfterMs, sharedAfterMs, refused }: NonNullable<Run['outage']>): string[] => [
  ...when(
    Object.keys(refused).some((code) => code !== 'overloaded'),
    `with Redis away agents were not chosen: ${Object.keys(refused).join(', ')}`,
  ),
  ...when(ownAfterMs === null, 'with Redis away numbers were still said to be shared'),
  ...when(sharedAfterMs === null, 'with Redis back numbers were not shared again'),
];

const ofNumbers = ({ numbers: { twice, unshared, handovers } }: Run): string[] => [
  ...when(twice > 0, `${twice} round-robin numbers were given out twice`),
  ...when(unshared > 0, `${unshared} round-robin numbers were not shared, though Redis was there`),
  ...when(handovers === 0, 'the processes that took numbers did not meet'),
];

const when = (holds: boolean, objection: string): string[] => (holds ? [objection] : []);
