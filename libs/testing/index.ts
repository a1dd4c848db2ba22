export { eventually } from './eventually.js';
export { gate } from './gate.js';
export { OtlpReceiver, type OtlpReceiverOptions } from './otlp-receiver.js';
export {
  type AttributeValue,
  type ReceivedKind,
  type ReceivedSpan,
  type ReceivedStatus,
} from './received-span.js';
export { renderSpanTree } from './span-tree.js';
export { infraDir, startTestServers, type TestServers, type TestServersOptions } from './servers.js';
export { startTestStack, type TestStack, type TestStackOptions } from './stack.js';
