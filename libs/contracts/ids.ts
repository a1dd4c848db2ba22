import { z } from 'zod';
import { limits } from './limits.js';

/**
 * The one form of every id: what it admits is safe as a NATS subject token, inside a Redis key and in a log line.
 */
export const idPattern = new RegExp(`^[A-Za-z0-9_-]{1,${limits.idCharsMax}}$`);

/** What `idPattern` demands, in words. It does not name the field: the path beside it does. */
export const idRule = `must be 1 to ${limits.idCharsMax} of A-Z a-z 0-9 _ -`;

/** Text of the form of an id that names nothing of the fleet. */
export const idText = () => z.string().regex(idPattern, { error: idRule });

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
  .regex(new RegExp(`^[\\x21-\\x7e]{1,${limits.requestIdCharsMax}}$`), {
    error: `must be 1 to ${limits.requestIdCharsMax} printable ASCII characters without a space`,
  })
  .brand<'RequestId'>();
export type RequestId = z.infer<typeof requestIdSchema>;
