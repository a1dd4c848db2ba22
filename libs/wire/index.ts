export { answerTag, type Relaying, relayToken, replyRootOf, tokenHashOf } from './answer-tag.js';
export {
  type Answer,
  envelopeBytes,
  type HostReading,
  readAnswer,
  readHostAnswers,
  type Reading,
  type Seen,
} from './answers/answer.js';
export { answersIn, readRelayReport, type RelayReading } from './answers/relay-report.js';
export { ByteReader } from './bytes/byte-reader.js';
export { ByteWriter } from './bytes/byte-writer.js';
export { Malformed } from './bytes/malformed.js';
export { RepairBudget, type RepairBounds } from './causal/repair-budget.js';
export { frontiersFrom, frontiersOnWire, stampFrom, stampOnWire } from './causal/wire-stamp.js';
export { Caller, type CallOptions, type RawReply } from './caller.js';
export { Connection, type ConnectionEvent, type ConnectOptions } from './connection.js';
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
  passesAsJson,
  WrittenBody,
} from './encoding.js';
export { DeadlineSweep, type Expiring } from './deadline-sweep.js';
export { firstEvent } from './first-event.js';
export { type Awaiting, type Conversation, type OnTagged, ReplyInbox } from './reply-inbox.js';
export { isReplySubject } from './reply-subject.js';
export { timerMsMax } from './timer-ms-max.js';
export {
  extractTrace,
  failSpan,
  type IdTracer,
  injectTrace,
  inSpan,
  messagingAttributes,
  recordsBelow,
  traceHeaders,
  tracer,
} from './tracing.js';
