import { createHash, createHmac } from 'node:crypto';

/** 96 bits: nobody guesses one. */
const tagChars = 16;

/** The tokens behind the root of a reply subject: which conversation, and which message of it. */
const rootEnd = /\.[^.]*\.[^.]*$/;

/**
 * What tells whoever answers on a shared reply subject apart from everybody else: only the holder of the registration's
 * token and the services can make it, and it is worth nothing under another's inbox.
 * @param tokenHash lower-case hexadecimal SHA-256 of the registration's token, as the route table has it
 * @param root a reply subject without its last two tokens
 */
export const answerTag = (tokenHash: string, root: string): string =>
  createHmac('sha256', tokenHash).update(root).digest('base64url').slice(0, tagChars);

/** A message that a relay passes on, as far as its token goes. */
export interface Relaying {
  readonly relayId: string;
  readonly kind: string;
  readonly coordinationId: string;
}

/**
 * What shows an agent that a message of another is one of Nexus, which has that other relay it. It is good for this relay,
 * this kind of message and this coordination.
 * @param tokenHash of the agent that is told
 */
export const relayToken = (tokenHash: string, { relayId, kind, coordinationId }: Relaying): string =>
  // No reply subject begins so: an answer tag is no relay token.
  answerTag(tokenHash, `relay.${relayId}.${kind}.${coordinationId}`);

/** What the route table keeps of a registration's token. */
export const tokenHashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The part of a reply subject that its tags are made of. */
export const replyRootOf = (replySubject: string): string => replySubject.replace(rootEnd, '');
