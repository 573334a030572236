/** What a piece of Bicep says; `at` is its offset in the file. */
export type Expression = { readonly at: number } & (
  | { readonly kind: 'string'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'literal'; readonly value: number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | ObjectSyntax
  | { readonly kind: 'call'; readonly of: Expression; readonly arguments: readonly Expression[] }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'operation'; readonly operator: string; readonly operands: readonly Expression[] }
  | { readonly kind: 'lambda'; readonly parameters: readonly string[]; readonly body: Expression }
  | {
      readonly kind: 'for';
      readonly variables: readonly string[];
      readonly of: Expression;
      readonly body: Expression;
    }
  | { readonly kind: 'if'; readonly condition: Expression; readonly body: Expression }
);

export type ObjectSyntax = {
  readonly kind: 'object';
  readonly at: number;
  readonly properties: readonly Property[];
  /** Resources within a resource. */
  readonly resources: readonly Statement[];
};

/** `key` is undefined where it is computed. */
export type Property = {
  readonly key: string | undefined;
  readonly computed?: Expression;
  readonly value: Expression;
  readonly at: number;
};

export type TypeSyntax = {
  readonly text: string;
  readonly properties: readonly { readonly name: string; readonly decorators: readonly Decorator[] }[];
};

export type Decorator = { readonly name: string; readonly arguments: readonly Expression[] };

export type Statement = {
  readonly keyword:
    'targetScope' | 'param' | 'var' | 'type' | 'resource' | 'module' | 'output' | 'import' | 'extension';
  readonly at: number;
  readonly decorators: readonly Decorator[];
  /** What it declares: several names for an import. */
  readonly names: readonly string[];
  /** The path of a module or an import; the type of a resource, with its API version where it has one. */
  readonly source?: string;
  readonly existing?: boolean;
  readonly type?: TypeSyntax;
  readonly value?: Expression;
};

/** A file that is no Bicep. The message ends in the line. */
export class BicepError extends Error {
  override readonly name = 'BicepError';
}
