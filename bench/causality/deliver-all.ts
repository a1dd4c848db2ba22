import { CausalReceiver } from '@nexus/core/causality';
import { PlainReceiver } from './plain-receiver.js';
import { type Arrival, channel } from './schedule.js';

const syncMs = 250;
const bytes = 200;

const options = {
  ...{ channels: [channel], self: 'agent-1.AbCdEf12', heldMax: 1_024, heldBytesMax: 8 * 1_024 * 1_024 },
  ...{ sendersMax: 1_024, aheadMax: 4_096, repairAfterMs: 150, repairEveryMs: 500, repairsMax: 10 },
  ...{ syncMs, syncMsMax: syncMs, forgetAfterMs: 600_000 },
};

/** Delivers a whole schedule to a receiver that has just begun. */
export function deliverByNexus(arrivals: readonly Arrival[]): void {
  const receiver = new CausalReceiver<number>(options);
  receiver.step([{ kind: 'tick' }], { nowMs: 0 });
  receiver.step([{ kind: 'tick' }], { nowMs: syncMs });
  let delivered = 0;
  for (const { stamp, place } of arrivals) {
    const { deliver } = receiver.step([{ kind: 'message', stamp, message: place, bytes }], {
      nowMs: syncMs + 1,
    });
    delivered += deliver.length;
  }
  mustBeAll(delivered, arrivals);
}

export function deliverByTextbook(arrivals: readonly Arrival[]): void {
  const receiver = new PlainReceiver();
  let delivered = 0;
  for (const arrival of arrivals) delivered += receiver.receive(arrival).length;
  mustBeAll(delivered, arrivals);
}

function mustBeAll(delivered: number, arrivals: readonly Arrival[]): void {
  if (delivered !== arrivals.length) throw new Error(`${delivered} of ${arrivals.length} were delivered`);
}
