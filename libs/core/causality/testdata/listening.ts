import { expect } from '@jest/globals';
import { CausalReceiver, type ReceiverInput, type ReceiverOptions } from '../index.js';

export const options: ReceiverOptions = {
  channels: ['all', 'group.a'],
  heldMax: 10,
  heldBytesMax: 1_000,
  sendersMax: 8,
  aheadMax: 100,
  repairAfterMs: 100,
  repairEveryMs: 200,
  repairsMax: 4,
  syncMs: 250,
  syncMsMax: 1_000,
  forgetAfterMs: 60_000,
  self: 'me.00000001',
};

/** One that has begun to listen before anybody sent anything, at time 0. */
export function listening(changed: Partial<ReceiverOptions> = {}): CausalReceiver<string> {
  const receiver = new CausalReceiver<string>({ ...options, syncMs: 0, syncMsMax: 0, ...changed });
  receiver.step([], { nowMs: 0 });
  return receiver;
}

export const tick: ReceiverInput<string> = { kind: 'tick' };

/** Steps at each time that the receiver asks for, until nothing is due. */
export function untilQuiet(receiver: CausalReceiver<string>) {
  const all = { deliver: [] as string[], gaps: [] as unknown[], asked: [] as string[], endedAtMs: 0 };
  for (let steps = 0; steps < 1_000 && receiver.dueAtMs !== undefined; steps += 1) {
    all.endedAtMs = receiver.dueAtMs;
    const { deliver, gaps, repairs } = receiver.step([tick], { nowMs: receiver.dueAtMs });
    all.deliver.push(...deliver);
    all.gaps.push(...gaps);
    all.asked.push(...repairs.map(({ sender, from, to, of }) => `${sender[0]}${from}-${to} of ${of}`));
  }
  expect(receiver.dueAtMs).toBeUndefined();
  return all;
}
