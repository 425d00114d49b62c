/** Names of applications and of their privileges, and what is wrong with them. */

const prefixPattern = /^[a-z][A-Za-z0-9]*$/;

/**
 * What is wrong with the name of an application.
 *
 * @param isPattern it may end with `*`
 */
export function applicationProblem(name: string, isPattern: boolean): string | undefined {
  if (name === "") return "Application names cannot be blank";
  const star = name.indexOf("*");
  const told = `(found '${name}')`;
  if (star !== -1) {
    if (!isPattern) return `Application names may not contain '*' ${told}`;
    if (name === "*") return undefined;
    if (star !== name.length - 1)
      return `Application name patterns only support trailing wildcards ${told}`;
  }
  if (/\s/.test(name)) return `Application names may not contain whitespace ${told}`;
  const dash = name.indexOf("-");
  const first = dash === -1 ? name : name.slice(0, dash);
  const prefix = first.replace(/\*$/, "");
  const inPrefix = `(found '${prefix}')`;
  if (!prefixPattern.test(prefix))
    return `An application name prefix must match the pattern ${prefixPattern.source} ${inPrefix}`;
  if (prefix.length < 3 && star === -1)
    return `An application name prefix must be at least 3 characters long ${inPrefix}`;
  const suffix = dash === -1 ? "" : name.slice(dash + 1);
  return /[ "*<>?|,\\/]/.test(suffix.replace(/\*$/, ""))
    ? `An application name suffix may not contain any of the characters '[' ','"','*',',','/','<','>','?','\\','|']' (found '${suffix}')`
    : undefined;
}

/** What is wrong with the name of a privilege. */
export function privilegeNameProblem(name: string): string | undefined {
  const pattern = /^[a-z][a-zA-Z0-9_.-]*$/;
  return pattern.test(name)
    ? undefined
    : `Application privilege names must match the pattern ${pattern.source} (found '${name}')`;
}

/** What is wrong with a privilege that a role grants by its name, or as an action. */
export function grantedPrivilegeProblem(name: string): string | undefined {
  return /^[!-~]*$/.test(name)
    ? undefined
    : `Application privilege names and actions must match the pattern ^\\p{Graph}*$ (found '${name}')`;
}
