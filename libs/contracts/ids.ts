import { z } from 'zod';
import { limits } from './limits.js';

/**
 * The one form of every id: what it admits is safe as a NATS subject token, inside a Redis key and in a log line.
 */
export const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Messages do not name the field: the path beside them does. */
const idText = () =>
  z.string().regex(idPattern, { error: `must be 1 to ${limits.idCharsMax} of A-Z a-z 0-9 _ -` });

/** Names one agent of the fleet. */
export const agentIdSchema = idText().brand<'AgentId'>();
export type AgentId = z.infer<typeof agentIdSchema>;

/** Names a set of agents that joined it by registration. */
export const groupSchema = idText().brand<'Group'>();
export type Group = z.infer<typeof groupSchema>;

/** Names something that an agent says it can do. */
export const capabilitySchema = idText().brand<'Capability'>();
export type Capability = z.infer<typeof capabilitySchema>;

/** Names a machine or a service process. */
export const nodeIdSchema = idText().brand<'NodeId'>();
export type NodeId = z.infer<typeof nodeIdSchema>;

/** Names a caller: the last token of the subject that it publishes on. */
export const userIdSchema = idText().brand<'UserId'>();
export type UserId = z.infer<typeof userIdSchema>;

/** A caller's name for one request; a repeat within the idempotency window gets the first outcome again. */
export const requestIdSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, { error: `must be 1 to ${limits.requestIdCharsMax} printable characters` })
  .brand<'RequestId'>();
export type RequestId = z.infer<typeof requestIdSchema>;
