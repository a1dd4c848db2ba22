/** The bytes are no message of the mesh. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
