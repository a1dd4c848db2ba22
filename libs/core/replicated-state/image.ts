/*
 * The whole state as plain arrays, in the order in which the live tables stand. The order is part of it: the same log
 * gives the same image, and a state that was restored from one goes on exactly as the one that gave it.
 */
import { type RefusalCode } from './outcome.js';

/** The version is negative when the key is decided. */
export type KeyImage = readonly [key: string, value: unknown, version: number];

export type LeaseImage = readonly [
  resource: string,
  owner: string,
  fencingToken: number,
  expiresAtMs: number,
];

/** The first candidate is in office; the others wait, in their order. */
export type ElectionImage = readonly [
  election: string,
  fencingToken: number,
  candidates: readonly (readonly [candidate: string, expiresAtMs: number])[],
];

/** An outcome that is kept for retries. What is decided stands among the keys, and is named instead of repeated. */
export type OutcomeImage =
  | readonly ['done', index: number, term: number, version: number, fencingToken: number | null]
  | readonly [
      kind: 'answered',
      index: number,
      term: number,
      version: number,
      fencingToken: number | null,
      value: unknown,
    ]
  | readonly ['decided', index: number, term: number, version: number, key: string]
  | readonly [
      kind: 'refused',
      index: number,
      term: number,
      code: RefusalCode,
      message: string,
      details: readonly (readonly [path: string, message: string])[] | null,
      retryAfterMs: number | null,
    ];

export type SessionImage = readonly [
  clientId: string,
  registeredAtIndex: number,
  lastActiveMs: number,
  settledBelow: number,
  outcomes: readonly (readonly [seq: number, outcome: OutcomeImage])[],
];

export type RequestImage = readonly [
  requestId: string,
  savedAtMs: number,
  digest: number,
  outcome: OutcomeImage,
];

export interface ImageNumbers {
  readonly format: number;
  readonly appliedIndex: number;
  readonly clockMs: number;
  readonly lastFencingToken: number;
  /** The greatest index at which a session was registered that is forgotten by now. */
  readonly forgottenIndex: number;
}

export interface ImageTables {
  readonly keys: readonly KeyImage[];
  readonly leases: readonly LeaseImage[];
  readonly elections: readonly ElectionImage[];
  /** Idle longest first. */
  readonly sessions: readonly SessionImage[];
  /** Oldest first. */
  readonly requests: readonly RequestImage[];
}

/** Plain JSON. It shares nothing with the live state but values, which never change. */
export interface StateImage extends ImageNumbers, ImageTables {}
