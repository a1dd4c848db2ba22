import { type LatencyModelSnapshot, type WorkSample } from '@nexus/contracts';
import { type LoadTable, type Predictor } from '@nexus/core/balancing';
import { type LinearModel, linearModelOf } from '@nexus/core/learning';
import { workWidth, writeWork } from './features.js';

/** How busy one is taken for who says nothing, or says that it is less. */
const usualLoad = 0.5;

/** Below, in milliseconds, latencies differ by chance; it also keeps an agent that answers in no time from winning everything. */
const latencyMsMin = 0.05;

/** Predicts how long work takes at an agent, by a model that was published. */
export class LatencyPredictor implements Predictor {
  readonly usable: boolean;
  readonly errorLog: number;
  private readonly row = new Float64Array(workWidth);

  private constructor(
    snapshot: LatencyModelSnapshot,
    private readonly model: LinearModel,
  ) {
    this.errorLog = snapshot.errorLog;
    // A model that knows no more than what was measured of late has nothing to add.
    this.usable = snapshot.errorLog < snapshot.baselineErrorLog;
  }

  /** Undefined for a snapshot that is malformed. */
  static from(snapshot: LatencyModelSnapshot): LatencyPredictor | undefined {
    const model = linearModelOf(snapshot.linear);
    return model?.width === workWidth ? new LatencyPredictor(snapshot, model) : undefined;
  }

  /** Milliseconds until work is done that is sent to such an agent. */
  predict(features: WorkSample['features']): number {
    return Math.max(0, Math.expm1(this.model.predict(writeWork(features, this.row))));
  }

  /**
   * What an agent says of itself may make it look slower, and never faster than one who says nothing: to claim to be idle
   * gains nobody anything.
   */
  predictMs(table: LoadTable, slot: number, nowMs: number): number {
    const { row, model } = this;
    const inFlight = table.outstanding(slot) + 1;
    row[0] = Math.log1p(table.meanLatencyMs(slot));
    row[1] = Math.log1p(inFlight);
    row[2] = Math.log1p(inFlight / table.window(slot));
    row[3] = usualLoad;
    const asUsual = model.predict(row);
    row[3] = Math.max(usualLoad, table.reportedLoad(slot, nowMs));
    return Math.max(latencyMsMin, Math.expm1(Math.max(asUsual, model.predict(row))));
  }
}
