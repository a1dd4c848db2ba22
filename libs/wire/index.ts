export { Caller, type CallOptions, type RawReply } from './caller.js';
export {
  Connection,
  type ConnectionEvent,
  type ConnectionListener,
  type ConnectOptions,
  othersReturnMsMax,
  type PublishOptions,
} from './connection.js';
export {
  contentTypeHeader,
  contentTypeOf,
  decodeBody,
  type DecodeLimits,
  encodeBody,
  type Encoding,
  encodingOf,
  forwardedDepthMax,
} from './encoding.js';
export { type FirstEvent, firstEvent } from './first-event.js';
export { assertWellFormedMessagePack } from './message-pack.js';
export { type Conversation, type OnReply, ReplyInbox } from './reply-inbox.js';
export { isReplySubject } from './reply-subject.js';
export { extractTrace, failSpan, injectTrace, inSpan, messagingAttributes, tracer } from './tracing.js';
