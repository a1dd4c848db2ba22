export { ByteReader } from './bytes/byte-reader.js';
export { ByteWriter } from './bytes/byte-writer.js';
export { Malformed } from './bytes/malformed.js';
export { RepairBudget, type RepairBounds } from './causal/repair-budget.js';
export { frontiersFrom, frontiersOnWire, stampFrom, stampOnWire } from './causal/wire-stamp.js';
export { Caller, type CallOptions, type RawReply } from './caller.js';
export { Connection, type ConnectionEvent, type ConnectOptions, othersReturnMsMax } from './connection.js';
export {
  contentTypeHeader,
  contentTypeOf,
  decodeBody,
  type DecodeLimits,
  encodeBody,
  type Encoding,
  encodingOf,
  fitsField,
  forwardedDepthMax,
} from './encoding.js';
export { firstEvent } from './first-event.js';
export { type Conversation, ReplyInbox } from './reply-inbox.js';
export { isReplySubject } from './reply-subject.js';
export { timerMsMax } from './timer-ms-max.js';
export { extractTrace, failSpan, injectTrace, inSpan, messagingAttributes, tracer } from './tracing.js';
