/**
 * The form in which names of hosts are compared: lower case (RFC 4343), without the dot that ends
 * an absolute name (RFC 1034 §3.1).
 */
export function comparableHost(name: string): string {
  return (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
}
