/** `absent`: the document has nothing there, or the pointer is malformed and so points to nothing. */
export type Resolved = { kind: 'found'; value: unknown } | { kind: 'absent' };

const absent: Resolved = { kind: 'absent' };
const arrayIndex = /^(0|[1-9][0-9]*)$/;
const badEscape = /~(?![01])/;

/**
 * Evaluates a JSON Pointer (RFC 6901). Only own properties are followed, so `/constructor` finds nothing that the
 * document did not say.
 * @param pointer as `/load/cpu`; the empty pointer is the whole document
 */
export function resolvePointer(document: unknown, pointer: string): Resolved {
  if (pointer === '') return { kind: 'found', value: document };
  if (!pointer.startsWith('/') || badEscape.test(pointer)) return absent;
  let value = document;
  for (const escaped of pointer.slice(1).split('/')) {
    if (typeof value !== 'object' || value === null) return absent;
    // ~1 first: the other way round `~01` would become `/` (RFC 6901, section 4).
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value) && !arrayIndex.test(token)) return absent;
    if (!Object.hasOwn(value, token)) return absent;
    value = (value as Record<string, unknown>)[token];
  }
  return { kind: 'found', value };
}
