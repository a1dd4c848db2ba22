import { type MemberId, type MemberKind } from '@nexus/contracts';

interface OfMember {
  readonly memberId: MemberId;
  readonly memberKind: MemberKind;
  /** Of the life that it is about: the wall clock at its start, in milliseconds. */
  readonly generation: number;
}

/** What a member came to know of others; of itself it tells nothing. */
export type MeshChange =
  | (OfMember & { readonly kind: 'joined' | 'suspected' | 'recovered' | 'restarted' })
  /** `left`: by its own will; `dead`: silent beyond suspicion. */
  | (OfMember & { readonly kind: 'gone'; readonly reason: 'left' | 'dead' })
  /** Value undefined: the member removed the key, or is forgotten. */
  | {
      readonly kind: 'key';
      readonly memberId: MemberId;
      readonly key: string;
      readonly value: unknown;
    };

/** What it throws is counted, and disturbs nobody. */
export type MeshListener = (change: MeshChange) => void;
