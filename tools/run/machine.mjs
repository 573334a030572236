/** As npm reads the fields `os` and `cpu`: a name, a list of names, or names that begin with `!` for all others. */
export function fitsMachine({ os, cpu }) {
  return accepts(os, process.platform) && accepts(cpu, process.arch);
}

function accepts(field, value) {
  const names = [field ?? []].flat();
  const wanted = names.filter((name) => !name.startsWith('!'));
  return (
    !names.includes(`!${value}`) && (wanted.length === 0 || wanted.includes(value) || wanted.includes('any'))
  );
}

let libcName;

/** `glibc` or `musl`, on Linux. */
export function machineLibc() {
  // Without this the report looks up the host names of open connections.
  if (process.report) process.report.excludeNetwork = true;
  return (libcName ??= process.report?.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl');
}
