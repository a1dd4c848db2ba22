import { type Model } from './model.js';

/** Values are texts; null is none. */
export type RegisterCall =
  /** With `expectedVersion` a compare-and-set; 0 expects that there is nothing. */
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly expectedVersion?: number }
  | { readonly kind: 'delete'; readonly key: string; readonly expectedVersion?: number }
  /** The first value stands. */
  | { readonly kind: 'decide'; readonly key: string; readonly value: string }
  | { readonly kind: 'read'; readonly key: string };

export type RegisterAnswer =
  | { readonly kind: 'written'; readonly version: number }
  /** Of a compare-and-set: another version was there. */
  | { readonly kind: 'conflict' }
  /** Of a read or a decision: what is there now; version 0 when there is nothing. */
  | { readonly kind: 'value'; readonly value: string | null; readonly version: number };

/** What is known of a register at one point of a possible order. */
export interface RegisterState {
  readonly value: string | null;
  /** Null when a call wrote it whose answer is unknown. */
  readonly version: number | null;
  /** Every version so far is at most this; later ones are greater. */
  readonly versionMax: number;
}

const empty: RegisterState = { value: null, version: 0, versionMax: 0 };

/** A register of versioned values: each change gives it a version greater than all before. */
export const versionedRegister: Model<RegisterCall, RegisterAnswer, RegisterState> = {
  initial: empty,
  objectOf: ({ key }) => key,
  step,
  fingerprint: ({ value, version, versionMax }) =>
    `${version ?? `>${versionMax}`} ${value === null ? '' : JSON.stringify(value)}`,
  describe: (call, answer) => `${callText(call)} → ${answer ? answerText(answer) : 'unknown'}`,
};

function step(
  state: RegisterState,
  call: RegisterCall,
  answer: RegisterAnswer | undefined,
): RegisterState | null {
  switch (call.kind) {
    case 'put':
    case 'delete':
      return change(state, call, answer);
    case 'decide':
      return decide(state, call.value, answer);
    case 'read':
      return answer ? observe(state, answer) : state;
  }
}

function change(
  state: RegisterState,
  call: Extract<RegisterCall, { kind: 'put' | 'delete' }>,
  answer: RegisterAnswer | undefined,
): RegisterState | null {
  const { expectedVersion: expected } = call;
  // A version that nobody has seen may be any, the expected one or not.
  if (answer?.kind === 'conflict') return expected !== undefined && state.version !== expected ? state : null;
  const before = expected === undefined ? state : observeVersion(state, expected);
  // A compare-and-set that would fail here changes nothing, which an unknown outcome allows.
  if (before === null) return answer ? null : state;
  const value = call.kind === 'put' ? call.value : null;
  return answer === undefined ? written(before, value) : writtenAt(before, value, answer);
}

function decide(
  state: RegisterState,
  value: string,
  answer: RegisterAnswer | undefined,
): RegisterState | null {
  if (state.value !== null) return answer ? observe(state, answer) : state;
  if (answer === undefined) return written(state, value);
  return answer.kind === 'value' && answer.value === value ? writtenAt(state, value, answer) : null;
}

/** The state, knowing that this was read in it. */
function observe(state: RegisterState, answer: RegisterAnswer): RegisterState | null {
  if (answer.kind !== 'value' || answer.value !== state.value) return null;
  return observeVersion(state, answer.version);
}

function observeVersion(state: RegisterState, version: number): RegisterState | null {
  if (state.version !== null) return state.version === version ? state : null;
  return version > state.versionMax ? { ...state, version, versionMax: version } : null;
}

/** A deleted value has version 0, and the change a version all the same. */
function writtenAt(state: RegisterState, value: string | null, answer: RegisterAnswer): RegisterState | null {
  if (answer.kind === 'conflict' || answer.version <= state.versionMax) return null;
  return { value, version: value === null ? 0 : answer.version, versionMax: answer.version };
}

const written = ({ versionMax }: RegisterState, value: string | null): RegisterState => ({
  value,
  version: value === null ? 0 : null,
  versionMax,
});

function callText(call: RegisterCall): string {
  const where = `${call.kind} ${call.key}`;
  switch (call.kind) {
    case 'read':
      return where;
    case 'decide':
      return `${where} = ${call.value}`;
    case 'put':
    case 'delete': {
      const what = call.kind === 'put' ? `${where} = ${call.value}` : where;
      return call.expectedVersion === undefined ? what : `${what} if version ${call.expectedVersion}`;
    }
  }
}

function answerText(answer: RegisterAnswer): string {
  if (answer.kind === 'value') return `${answer.value ?? 'nothing'} (version ${answer.version})`;
  return answer.kind === 'written' ? `version ${answer.version}` : 'conflict';
}
