/** With how many peers a member of `members` (itself included) gossips a round: ⌈log₂ N⌉, at least one. */
export const fanOut = (members: number): number => Math.max(1, Math.ceil(Math.log2(members)));

/** For how many rounds a change is told before others: as many as it may take to reach all, and a few. */
export const hotRounds = (members: number): number => fanOut(members) + 4;
