/** Control characters, and those that reorder or hide the text around them. */
const steering = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Text on one line that cannot steer the terminal: what came over the wire is written by others. */
export const printable = (text: string): string => text.replace(steering, '?');

/** At most so many characters; what was cut off shows as an ellipsis. */
export const shorten = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;
