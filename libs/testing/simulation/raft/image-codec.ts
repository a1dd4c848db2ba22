import { type StateImage } from '@nexus/core/replicated-state';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const encodeImage = (image: StateImage): Uint8Array => encoder.encode(JSON.stringify(image));

export const imageText = (bytes: Uint8Array): string => decoder.decode(bytes);

export const decodeImage = (bytes: Uint8Array): StateImage => JSON.parse(imageText(bytes)) as StateImage;
