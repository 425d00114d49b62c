/** Words of a command line as a POSIX shell reads them. */

const plain = /^[\w@%+=:,./-]+$/;

/** The word, in single quotes where the shell would take parts of it for something else. */
export function shellWord(text: string): string {
  return plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
