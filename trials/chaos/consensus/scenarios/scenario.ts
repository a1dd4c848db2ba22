import { type ReplicaGroup } from '../group/replica-group.js';
import { type Recorder } from '../load/recorder.js';
import { type ScenarioReport } from '../report/report.js';

export interface ScenarioOptions {
  readonly group: ReplicaGroup;
  readonly recorder: Recorder;
  /** How often it is played. */
  readonly times: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export type Scenario = (options: ScenarioOptions) => Promise<ScenarioReport>;
