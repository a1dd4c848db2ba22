import { type QuietReport } from '../report/report.js';
import { type Judgement } from '../verdict/verdict.js';

/** Of a run in which all was kept. */
export const judgement = (fields: Partial<Judgement> = {}): Judgement => ({
  keys: 1,
  acknowledged: 3,
  lost: [],
  linearizability: { kind: 'linearizable', objects: 1, operations: 3 },
  outOfOrder: 0,
  stateDifferences: [],
  logs: { compared: 4, differences: [] },
  ...fields,
});

/** What clients saw who asked something. */
export const recorded = { recorded: 3, unknown: 0, errors: {} };

/** What nobody wrote down, and what is judged of it. */
export const unheard = {
  operations: { recorded: 0, unknown: 0, errors: {} },
  judgement: judgement({
    keys: 0,
    acknowledged: 0,
    linearizability: { kind: 'linearizable', objects: 0, operations: 0 },
    logs: { compared: 1, differences: [] },
  }),
};

/** Ten minutes in which nothing was broken. */
export const quiet = (load: QuietReport['load'], committed = 0): QuietReport => ({
  durationMs: 600_000,
  load,
  committed,
  failed: 0,
  longestStallMs: { 'consensus-1': 41 },
  flushes: { count: 5_900, p50Ms: 1.2, p99Ms: 9, maxMs: 163 },
});
