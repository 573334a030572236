/** A file of Bicep. */
export type File = { readonly path: string; readonly source: string };

/** Functions that read a key of a resource, or that generate a value which a deployment would keep in its history. */
const READS_OR_MAKES_SECRETS = /\b(?:list(?!s\b)\w*|newGuid|utcNow|getSecret|reference)\(/g;
/** Names of what must never be a parameter, an output or a variable: it would be in the history of the deployment. */
const NAMES_A_SECRET = /(?:password|connectionString|accountKey|sharedKey|clientSecret|sasToken)$/i;
const DECLARATION = /^(?:param|output|var) (\w+)/gm;
/** An identifier of where to send telemetry, useless without a token since local authentication is off. */
const NO_SECRET = new Set(['insightsConnectionString']);
/** `*` that is no right: any value of an alert's dimension, or any name of a tag. */
const ANY_VALUE = /^\s*values: \['\*'\]$/;

/** What looks like a secret, or like more rights than one role, in a file of Bicep. */
export function secretsIn({ path, source }: File): readonly string[] {
  const code = source.replaceAll(/^\s*\/\/.*$/gm, '');
  const named = [...code.matchAll(DECLARATION)].map(([, name]) => name!);
  const calls = [...code.matchAll(READS_OR_MAKES_SECRETS)].map(([call]) => call);
  return [
    ...named
      .filter((name) => NAMES_A_SECRET.test(name) && !NO_SECRET.has(name))
      .map((name) => `${path}: ${name} is named like a secret`),
    ...calls.map((call) => `${path}: calls ${call}…)`),
    ...(/^@secure\(\)/m.test(code) ? [`${path}: takes a secret`] : []),
    ...secretTextIn(path, source),
    ...wildcardsIn(path, source),
  ];
}

/** What looks like a secret in any text. */
export function secretTextIn(path: string, source: string): readonly string[] {
  return source.split('\n').flatMap((line, index) => {
    const marked =
      /AccountKey=|SharedAccessKey|SharedAccessSignature|accesskey=|[?&]sig=|-----BEGIN|eyJ[\w-]{10,}|Password=/i;
    // 128 random bits in base64 or hex take at least this; names and paths have dashes, dots or slashes in between.
    const random = (line.match(/[A-Za-z0-9+]{22,}={0,2}/g) ?? []).filter(
      (text) => /\d/.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text),
    );
    const hex = /(?<![\w-])[\da-f]{32,}(?![\w-])/i.test(line);
    return marked.test(line) || hex || random.length > 0 ? [`${path}:${index + 1} looks like a secret`] : [];
  });
}

/** Roles of an owner, and definitions of roles with a star. */
const OWNERS: Readonly<Record<string, string>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': 'User Access Administrator',
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator',
};

function wildcardsIn(path: string, source: string): readonly string[] {
  return source.split('\n').flatMap((line, index) => {
    const at = `${path}:${index + 1}`;
    const owner = Object.keys(OWNERS).find((id) => line.toLowerCase().includes(id));
    return [
      ...(owner ? [`${at} assigns ${OWNERS[owner]}`] : []),
      ...(line.includes('Microsoft.Authorization/roleDefinitions@') ? [`${at} defines a role`] : []),
      ...(/'[^']*\*[^']*'/.test(line) && !ANY_VALUE.test(line) ? [`${at} has a wildcard`] : []),
      ...(/(?:0\.0\.0\.0|::)\/0/.test(line) ? [`${at} lets everybody in`] : []),
    ];
  });
}
