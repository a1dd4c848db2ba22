import { type AlgorithmName, algorithmNames, type GoalType, goalTypes } from '@nexus/contracts';

/** What figures are kept apart by: the type of the goal, and for shared work the algorithm. */
export interface MetricKey {
  readonly type: GoalType;
  readonly algorithm: AlgorithmName | undefined;
}

/** All there are; figures stand in arrays in this order. */
export const metricKeys: readonly MetricKey[] = goalTypes.flatMap((type): MetricKey[] =>
  type === 'load_balance'
    ? algorithmNames.map((algorithm) => ({ type, algorithm }))
    : [{ type, algorithm: undefined }],
);

const indexes = new Map<string, number>(metricKeys.map(({ type, algorithm }, at) => [algorithm ?? type, at]));

/** Where the figures of a key stand. No type is called as an algorithm is. */
export const keyIndexOf = (name: AlgorithmName | Exclude<GoalType, 'load_balance'>): number =>
  indexes.get(name)!;
