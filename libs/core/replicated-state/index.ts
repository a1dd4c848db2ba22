export { type Change } from './change.js';
export { type Command, type ExpireCommand, type Fence, type Proposal, type SessionStamp } from './command.js';
export { type ImageNumbers, type ImageTables, type StateImage } from './image.js';
export { type StateLimits, stateLimits } from './limits.js';
export { LogClock } from './log-clock.js';
export { type Done, type Outcome, type RefusalCode, type RefusalDetail, type Refused } from './outcome.js';
export { type ElectionReading, type KeyReading, type LeaseReading } from './reading.js';
export { type ImageRun, type StateCapture } from './state-capture.js';
export { type Applied, type Position, ReplicatedState } from './state.js';
