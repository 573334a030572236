/** The names of this machine that no DNS server has a say in, as they stand in a URL. */
export const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
