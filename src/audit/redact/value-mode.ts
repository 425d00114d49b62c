/** How the value of a name ends in text. */
export const mode = {
  none: 0,
  /** Its name was read, but nothing of it. */
  awaited: 1,
  /** At a white space or separator. */
  plain: 2,
  /** At the end of the line, at a quote, at a closing bracket. */
  prose: 3,
  /** At the end of the line, or at the quote in which the line stands. */
  line: 4,
  quoted: 5,
  /** Behind the bracket that closes it. */
  bracketed: 6,
  /** At the dashes of the line that ends a key in PEM (RFC 7468 §2), or at a quote. */
  pem: 7,
  /** At the next tag of XML or HTML. */
  element: 8,
  /** At the end of a section of CDATA. */
  cdata: 9,
  /** A block scalar of YAML (YAML 1.2.2 §8.1): before the next line that is not indented. */
  block: 10,
} as const;
