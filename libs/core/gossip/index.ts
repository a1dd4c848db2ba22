export { GossipMember } from './gossip-member.js';
export { fanOut } from './fan-out.js';
export type { Identity, MemberId, MemberKind } from './identity.js';
export { messageBytes } from './message-size.js';
export type { Ack, DigestEntry, KeyChange, Leave, MemberDelta, Message, Syn, SynAck } from './message.js';
export { defaultGossipOptions, type GossipOptions } from './options.js';
export { PhiAccrual, type PhiAccrualOptions } from './phi-accrual.js';
export type { Change, Effects, Input, Outgoing, RefusalReason, StepContext } from './step.js';
export type { Convergence, MemberStatus, MemberView } from './view.js';
