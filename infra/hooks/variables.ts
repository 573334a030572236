/**
 * The values of the variables that files of parameters take, such as `${CALL_BINDING}`. An empty value is left out: azd
 * keeps the default of a parameter whose variable is not set, and reads an empty list as a fault.
 */
export function variablesFor(
  files: readonly string[],
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const names = new Set(files.flatMap((file) => [...file.matchAll(/\$\{(\w+)/g)].map(([, name]) => name!)));
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => names.has(name) && value !== ''),
  );
}
