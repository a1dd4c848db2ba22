/** One thing that an entry changed; of the shape of the wire's changes. */
export type Change =
  | {
      readonly kind: 'key';
      readonly index: number;
      readonly key: string;
      /** Null when it was deleted; then `version` is 0. */
      readonly value: unknown;
      readonly version: number;
    }
  | {
      readonly kind: 'lease';
      readonly index: number;
      readonly resource: string;
      /** Null when it was released or expired. */
      readonly owner: string | null;
      readonly fencingToken: number | null;
    }
  | {
      readonly kind: 'election';
      readonly index: number;
      readonly election: string;
      readonly leader: string | null;
      readonly fencingToken: number | null;
    };
