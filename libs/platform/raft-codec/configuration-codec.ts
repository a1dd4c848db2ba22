import { type Configuration, type MemberId } from '@nexus/core/raft';
import { type ByteReader, type ByteWriter, Malformed } from '@nexus/wire';
import { readMember } from './member-codec.js';

/** More than any group has; a count beyond it is no configuration. */
const membersMax = 256;

export function writeConfiguration(writer: ByteWriter, { voters, learners }: Configuration): void {
  writeMembers(writer, voters);
  writeMembers(writer, learners);
}

/** @throws Malformed when a list is too long, unsorted, or names what is no member */
export function readConfiguration(reader: ByteReader): Configuration {
  const voters = readMembers(reader);
  const learners = readMembers(reader);
  if (learners.some((learner) => voters.includes(learner))) throw new Malformed('a member is named twice');
  return { voters, learners };
}

function writeMembers(writer: ByteWriter, members: readonly MemberId[]): void {
  writer.varint(members.length);
  for (const member of members) writer.ascii(member);
}

function readMembers(reader: ByteReader): MemberId[] {
  const count = reader.varint();
  if (count > membersMax) throw new Malformed('too many members');
  const members: MemberId[] = [];
  for (let read = 0; read < count; read += 1) {
    const member = readMember(reader);
    const before = members.at(-1);
    if (before !== undefined && before >= member) throw new Malformed('the members are not in order');
    members.push(member);
  }
  return members;
}
