/** A CloudEvent 1.0 as its sender wrote it; unknown members are kept. https://github.com/cloudevents/spec */
export type CloudEvent<Type extends string = string, Data = Record<string, unknown>> = {
  readonly id: string;
  readonly source: string;
  readonly type: Type;
  readonly data: Data;
  readonly specversion?: string;
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly datacontenttype?: string;
};
