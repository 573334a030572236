/**
 * The values of a query parameter, in their order. Only percent encoding is decoded: a form decoder would also turn each
 * `+` of a pasted key into a blank.
 */
export function queryValues({ search }: URL, name: string): readonly string[] {
  return search
    .slice(1)
    .split('&')
    .map((pair) => {
      const [parameter = '', ...value] = pair.split('=');
      return { parameter: percentDecoded(parameter), value: percentDecoded(value.join('=')) };
    })
    .filter(({ parameter }) => parameter === name)
    .map(({ value }) => value);
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
