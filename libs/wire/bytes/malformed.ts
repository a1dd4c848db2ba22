/** The bytes are not what they should be; whoever decodes says what that means. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
