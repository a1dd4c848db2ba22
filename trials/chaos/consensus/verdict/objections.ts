import { type Report } from '../report/report.js';

/** Of a run, what it is judged by. */
export type Run = Pick<
  Report,
  'quiet' | 'scenario' | 'falseElections' | 'operations' | 'failure' | 'judgement'
>;

/** Whether clients write down what they see: nobody does under a full load, or none. */
const writesHistory = ({ quiet }: Pick<Run, 'quiet'>): boolean => quiet === null || quiet.load === 'paced';

/** What speaks against a run; nothing against a good one. A run that shows nothing is no good one. */
export function objections(run: Run): string[] {
  const { quiet, scenario, falseElections, failure, judgement } = run;
  const violations = scenario?.violations.length ?? 0;
  const failed = quiet?.failed ?? 0;
  return [
    ...when(failure !== null, `did not happen: ${failure}`),
    ...when(violations > 0, `${violations} violations in the scenario`),
    ...when(quiet !== null && falseElections > 0, `${falseElections} elections while nothing was broken`),
    ...when(quiet?.load === 'full' && quiet.committed === 0, 'the full load committed nothing'),
    ...when(failed > 0, `${failed} proposals failed while nothing was broken`),
    ...(judgement === null ? when(failure === null, 'nothing was judged') : findings(run, judgement)),
  ];
}

function findings(run: Run, judgement: NonNullable<Run['judgement']>): string[] {
  const { lost, linearizability, outOfOrder, stateDifferences, logs } = judgement;
  const isUndecided = linearizability.kind === 'undecided';
  return [
    ...when(lost.length > 0, `${lost.length} acknowledged decisions lost`),
    ...when(linearizability.kind === 'violation', 'a history is not linearizable'),
    ...when(isUndecided, 'whether a history is linearizable is undecided'),
    ...when(outOfOrder > 0, `${outOfOrder} acknowledged out of order`),
    ...when(stateDifferences.length > 0, `${stateDifferences.length} keys differ between replicas`),
    ...when(logs.differences.length > 0, `${logs.differences.length} log entries differ between replicas`),
    ...(writesHistory(run) ? omissions(run, judgement) : []),
  ];
}

/** What leaves nothing to judge by: none lost of none says nothing. A scenario counts what it looks at by itself. */
const omissions = (
  { operations, scenario }: Run,
  { acknowledged, logs }: NonNullable<Run['judgement']>,
): string[] => [
  ...when(scenario === null && (acknowledged === 0 || operations.recorded === 0), 'nothing was acknowledged'),
  ...when(logs.compared === 0, 'no log entry could be compared'),
];

const when = (holds: boolean, objection: string): string[] => (holds ? [objection] : []);
