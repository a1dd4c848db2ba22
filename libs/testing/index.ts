export {
  type AttributeValue,
  OtlpReceiver,
  type OtlpReceiverOptions,
  type ReceivedKind,
  type ReceivedSpan,
  type ReceivedStatus,
} from './otlp-receiver.js';
export { renderSpanTree } from './span-tree.js';
export { infraDir, startTestServers, type TestServers, type TestServersOptions } from './servers.js';
