import { type MeasuredCluster } from './measured-cluster.js';

export interface EnduranceReport {
  readonly rounds: number;
  readonly suspicions: number;
  readonly falseDeaths: number;
  /** Share of the looks at which a member said that all agree: nothing changes but heartbeats. */
  readonly convergedShare: number;
}

/** Nothing happens, save what the network loses: who is called dead? */
export function measureEndurance(
  measured: MeasuredCluster,
  rounds: number,
  progress?: (text: string) => void,
): EnduranceReport {
  let suspicions = 0;
  let falseDeaths = 0;
  let converged = 0;
  const end = measured.listen((_, __, { changes }) => {
    for (const { kind } of changes) {
      if (kind === 'suspected') suspicions++;
      if (kind === 'gone') falseDeaths++;
    }
  });
  for (let round = 1; round <= rounds; round++) {
    measured.run(1);
    converged += measured.hosts.filter(({ convergence }) => convergence?.converged).length;
    if (round % 60 === 0) progress?.(`minute ${round / 60} of ${Math.round(rounds / 60)}`);
  }
  end();
  return { rounds, suspicions, falseDeaths, convergedShare: converged / (rounds * measured.hosts.length) };
}
