/**
 * States of a JSON scanner. `beforeValue` … `done`: between tokens; the rest: inside one. The order
 * matters, because states are compared: up to `firstElement` a value may begin, up to `firstKey` a
 * string.
 */

export const beforeValue = 0;
export const firstElement = 1;
export const beforeKey = 2;
export const firstKey = 3;
export const beforeColon = 4;
export const afterValue = 5;
export const done = 6;
export const inString = 7;
export const inKey = 8;
export const inNumber = 9;
export const inLiteral = 10;
/** In a comment or byte order mark. */
export const inFiller = 11;
