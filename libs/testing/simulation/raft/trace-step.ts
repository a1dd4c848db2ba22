import { type Effects, type Input, type Message, type Standing } from '@nexus/core/raft';
import { type MemberRecord } from './member-record.js';
import { type WorldContext } from './world-context.js';

interface TracedStep {
  readonly record: MemberRecord;
  readonly inputs: readonly Input[];
  readonly effects: Effects;
  readonly after: Standing;
}

/** A step in the trace: all of it in the hash, what is worth reading in the lines. */
export function traceStep({ trace, timeline, coverage }: WorldContext, step: TracedStep): void {
  const { record, inputs, effects, after } = step;
  trace.number(timeline.nowMs);
  trace.text(record.id);
  trace.text(after.role);
  trace.number(after.term);
  for (const input of inputs) {
    trace.text(input.kind);
    if (input.kind === 'message') traceMessage(trace, input.message);
  }
  for (const { to, message, afterWrite } of effects.messages) {
    trace.text(to);
    trace.number(afterWrite);
    traceMessage(trace, message);
  }
  const { write } = effects;
  if (write) {
    trace.number(write.sequence);
    trace.number(write.truncateFrom ?? 0);
    trace.number(write.append.length);
    if (write.truncateFrom !== undefined) coverage.count('raft: truncations');
  }
  trace.number(effects.committed.at(-1)?.index ?? 0);
  trace.number(effects.accepted.length);
  trace.number(effects.readable.length);
  if (effects.standing && after.role === 'leader') coverage.count('raft: elections won');
  if (effects.standing && after.role === 'candidate') coverage.count('raft: candidacies');
  trace.line(timeline.nowMs, () => stepLine(step));
}

function traceMessage(trace: WorldContext['trace'], message: Message): void {
  trace.text(message.kind);
  trace.number(message.term);
  switch (message.kind) {
    case 'append_request':
      trace.number(message.prevIndex);
      trace.number(message.entries.length);
      trace.number(message.commit);
      break;
    case 'append_accepted':
      trace.number(message.matchIndex);
      break;
    case 'append_rejected':
      trace.number(message.prevIndex);
      break;
    case 'heartbeat':
    case 'heartbeat_reply':
      trace.number(message.round);
      break;
    case 'snapshot_chunk':
      trace.number(message.offset);
      break;
    case 'vote_reply':
    case 'pre_vote_reply':
      trace.number(message.granted ? 1 : 0);
      break;
    default:
  }
}

function stepLine({ record, inputs, effects, after }: TracedStep): string {
  const heard = inputs.map((input) =>
    input.kind === 'message' ? `${messageText(input.message)} from ${input.from}` : inputText(input),
  );
  const sent = effects.messages.map(
    ({ to, message, afterWrite }) =>
      `${messageText(message)} to ${to}${afterWrite > 0 ? ` after write ${afterWrite}` : ''}`,
  );
  const { write, committed, restore, refused } = effects;
  const parts = [
    `${record.id} ${after.role} of term ${after.term}: ${heard.join(', ')}`,
    ...(write ? [`writes ${writeText(write)}`] : []),
    ...(sent.length > 0 ? [`sends ${sent.join(', ')}`] : []),
    ...(restore ? [`restores ${restore.index}`] : []),
    ...(committed.length > 0 ? [`commits up to ${committed.at(-1)!.index}`] : []),
    ...refused.map(({ reason }) => `refuses: ${reason}`),
    ...(effects.standing ? [`is now ${after.role}, leader ${after.leader ?? 'unknown'}`] : []),
  ];
  return parts.join(' | ');
}

function inputText(input: Input): string {
  if (input.kind === 'written') return `written ${input.sequence}`;
  if (input.kind === 'change') return `${input.change.kind} ${input.change.member}`;
  return input.kind;
}

function writeText({
  sequence,
  hardState,
  snapshot,
  compactTo,
  truncateFrom,
  append,
}: NonNullable<Effects['write']>): string {
  const parts = [
    ...(hardState
      ? [`term ${hardState.term} vote ${hardState.votedFor ?? '-'} commit ${hardState.commit}`]
      : []),
    ...(snapshot ? [`snapshot ${snapshot.index}`] : []),
    ...(compactTo === undefined ? [] : [`compact to ${compactTo}`]),
    ...(truncateFrom === undefined ? [] : [`truncate from ${truncateFrom}`]),
    ...append.map(({ index, term, kind }) => `+${index}/${term}${kind === 'command' ? '' : ` ${kind}`}`),
  ];
  return `${sequence} (${parts.join(', ')})`;
}

function messageText(message: Message): string {
  const fields = Object.entries(message).flatMap(([name, value]) => {
    if (name === 'kind') return [];
    if (name === 'entries') {
      const entries = value as readonly { index: number; term: number }[];
      return [`entries ${entries.map(({ index, term }) => `${index}/${term}`).join(' ') || 'none'}`];
    }
    if (value instanceof Uint8Array) return [`${value.length} bytes`];
    return [`${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`];
  });
  return `${message.kind}(${fields.join(', ')})`;
}
