/*
 * Parsers for settings that are addresses, as in values.ts. A URL parser takes much that nobody means: white space is cut
 * out, `https:host` and `https:\\host` are read as `https://host`. So what it reads has to look like it, too.
 */

export function url(text: string): string {
  if (!/^https?:\/\/[^\s/?#\\][^\s\\]*$/i.test(text) || !URL.canParse(text))
    fault('must be a URL: https://…');
  return text;
}

/** Text is appended to it, so it must end in its host or its path. */
export function baseUrl(text: string): string {
  if (/[?#@]/.test(url(text))) fault('must be a plain address such as https://calls.example.com');
  return text.replace(/\/+$/, '');
}

/** @param example what the address of such a service looks like */
export function serviceUrl(example: string) {
  return (text: string): string => {
    if (new URL(url(text)).pathname !== '/' || /[?#@]/.test(text)) {
      fault(`must be the address of the service and nothing more, such as ${example}`);
    }
    return text.replace(/\/+$/, '');
  };
}

export function webSocketUrl(text: string): string {
  if (!/^wss?:\/\/[^\s/?#\\][^\s\\]*$/i.test(text) || !URL.canParse(text)) fault('must be a URL: wss://…');
  return text;
}

/** With a port where it is not the usual one, as the tools for running locally have it. */
export function hostName(text: string): string {
  const [, name = '', port = '0'] = /^([a-z\d-]+(?:\.[a-z\d-]+)*)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (name === '' || Number(port) > 65_535) fault('must be a host name such as ringward.azurewebsites.net');
  return text;
}

function fault(message: string): never {
  throw new Error(message);
}
