/** Longest delay that a Node timer takes, in milliseconds; a longer one would fire at once. */
export const timerMsMax = 2 ** 31 - 1;
