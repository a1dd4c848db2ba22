export { eventually } from './eventually.js';
export { gate } from './gate.js';
export { OtlpReceiver } from './otlp-receiver.js';
export { type ReceivedSpan } from './received-span.js';
export { sampleReply } from './sample-reply.js';
export { infraDir, startTestServers, type TestServers } from './servers.js';
export { startTestStack, type TestStack } from './stack.js';
