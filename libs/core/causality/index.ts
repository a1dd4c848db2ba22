export {
  admitClock,
  type Admission,
  type AdmissionRules,
  type EntryRefusal,
  type RefusedEntry,
} from './clock-admission.js';
export {
  decodeClock,
  readClock,
  type ClockBounds,
  type ClockFault,
  type ClockReading,
} from './clock-reading.js';
export { idOfSender } from './lives.js';
export { VectorClock, type ClockOrder } from './vector-clock.js';
export type {
  Gap,
  ReceiverEffects,
  ReceiverInput,
  ReceiverOptions,
  ReceiverRefusal,
  ReceiverStanding,
  Repair,
} from './receiving.js';
export type { Channel, Frontier, Frontiers, SenderId, Stamp } from './stamp.js';
export {
  clockOf,
  dotted,
  DottedValues,
  type Content,
  type DottedValue,
  type Write,
} from './dotted-values.js';
export { Kept, type KeptOptions, type RangeRequest } from './kept.js';
export { type KeptBounds, type KeptRange } from './kept-channel.js';
export { CausalSender, type ObservationRefusals, type SenderOptions } from './sender.js';
export { type SeenRefusal } from './seen-channel.js';
export { CausalReceiver } from './receiver.js';
