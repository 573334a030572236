/**
 * A package of bench/package.json. The compiler does not know them, since they are installed with the first
 * `npm run bench` and are no part of the project.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export const peer = (name: string): Promise<any> => import(name);
