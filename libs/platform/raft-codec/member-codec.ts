import { idPattern } from '@nexus/contracts';
import { type MemberId } from '@nexus/core/raft';
import { type ByteReader, Malformed } from '@nexus/wire';

/** Whether a text has the form of a member's id, a replica and its log; what comes from outside is asked first. */
export function isMemberId(text: string): text is MemberId {
  const dot = text.indexOf('.');
  return dot > 0 && idPattern.test(text.slice(0, dot)) && idPattern.test(text.slice(dot + 1));
}

/** @throws Malformed */
export function readMember(reader: ByteReader): MemberId {
  const text = reader.ascii();
  if (!isMemberId(text)) throw new Malformed('this is no member');
  return text;
}
