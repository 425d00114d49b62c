/** What a name can mean to the redaction of a body; bits of `NameMatcher`. */

/** Its value is a secret. */
export const isSecretName = 1;
/** In plain text its value goes on to the end of the line. */
export const isCredentialField = 2;
/** Its value is a secret in a query string or a form. */
export const isSecretParameter = 4;
/** Its value may name what stands in `value` beside it. */
export const isNamingMember = 8;
/** `value`, which may belong to a name beside it. */
export const isValueMember = 16;
/** `sensitive`: when true, `value` beside it is a secret. */
export const isSensitivityMember = 32;
/** `properties` or `fields`: below stand names of fields. */
export const isFieldsMember = 64;
/** Objects and arrays with this name only lead to members. */
export const isOpenMember = 128;
/** Its value is a secret when it is a string; an array holds such strings. */
export const isSecretTextName = 512;
/** Its value is a secret, of which no token may be kept. */
export const isRemovedName = 256;
/** The first of up to eight bits of names below which further names are secret. */
export const firstAncestor = 1 << 12;
/**
 * The first of up to eight bits of names that are secret below the ancestor with the same number.
 */
export const firstDescendant = 1 << 20;
/** All ancestors' bits; shifted left by {@link descendantShift}, those of their descendants. */
export const ancestors = 0xff << 12;
export const descendantShift = 8;
export const descendants = ancestors << descendantShift;
