import { createRequire } from 'node:module';

/*
 * The language service of Kusto: it parses a query and analyses it with the columns of the tables, as the portal does. It
 * is C# compiled to JavaScript, whose types are 1.7 MB long, so the few that are used are written here.
 */
type Listed<Item> = { readonly Count: number; getItem(index: number): Item };
type Symbol = { readonly Name: string };
type Column = Symbol & { readonly Type: Symbol };
type Kusto = {
  readonly Language: {
    readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
    readonly KustoCode: {
      ParseAndAnalyze(
        query: string,
        globals: object,
      ): {
        GetDiagnostics(): Listed<{ readonly Message: string; readonly Start: number }>;
        readonly ResultType: { readonly Columns?: Listed<Column> };
      };
    };
    readonly Symbols: {
      readonly TableSymbol: { readonly $ctor7: new (name: string, schema: string) => object };
      readonly DatabaseSymbol: { readonly $ctor1: new (name: string, tables: readonly object[]) => object };
    };
  };
};

/**
 * The tables that the queries read, with the columns that they may use.
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
 */
const tables = {
  AppTraces:
    'TimeGenerated: datetime, Message: string, SeverityLevel: int, OperationId: string, ItemCount: int',
  ContainerAppConsoleLogs:
    'TimeGenerated: datetime, Log: string, Stream: string, ContainerAppName: string, RevisionName: string',
  Usage: 'TimeGenerated: datetime, DataType: string, Quantity: real, QuantityUnit: string, IsBillable: bool',
  _LogOperation:
    'TimeGenerated: datetime, Category: string, Operation: string, Level: string, Detail: string',
};

export type Analysis = {
  readonly faults: readonly string[];
  /** The type of each column of the result, by name. */
  readonly columns: Readonly<Record<string, string>>;
};

/** Loads the language service, which takes a second and defines globals. */
export function kustoAnalyzer(): (query: string) => Analysis {
  const require = createRequire(import.meta.url);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  const { GlobalState, KustoCode, Symbols } = (globalThis as unknown as { Kusto: Kusto }).Kusto.Language;
  const known = Object.entries(tables).map(
    ([name, schema]) => new Symbols.TableSymbol.$ctor7(name, `(${schema})`),
  );
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1('workspace', known));

  return (query) => {
    const code = KustoCode.ParseAndAnalyze(query, globals);
    const faults = items(code.GetDiagnostics()).map(({ Message, Start }) => `${Start}: ${Message}`);
    const columns = items(code.ResultType.Columns).map(({ Name, Type }) => [Name, Type.Name]);
    return { faults, columns: Object.fromEntries(columns) };
  };
}

const items = <Item>(list?: Listed<Item>) =>
  Array.from({ length: list?.Count ?? 0 }, (_, index) => list!.getItem(index));
