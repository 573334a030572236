export type TableService = ReturnType<typeof tableService>;

/** The way of a question to the service, and of its answer back. */
type Reached = <Answer>(question: () => Answer, signal?: AbortSignal) => Promise<Answer>;
type Entity = { readonly partitionKey: string; readonly rowKey: string };
type Asked = { readonly etag?: string; readonly abortSignal?: AbortSignal };

/** The part of Table Storage that the ledger uses, as its client has it. */
export function tableService() {
  const rows = new Map<string, Entity & { etag: string }>();
  let writes = 0;
  const at = ({ partitionKey, rowKey }: Entity) => `${partitionKey}/${rowKey}`;
  function refuse(code: string): never {
    throw Object.assign(new Error(code), { code });
  }
  function put(entity: Entity) {
    const etag = `etag-${++writes}`;
    rows.set(at(entity), { ...entity, etag });
    return { etag };
  }
  function requireRow(entity: Entity, etag?: string) {
    const row = rows.get(at(entity)) ?? refuse('ResourceNotFound');
    return etag === undefined || row.etag === etag ? row : refuse('UpdateConditionNotSatisfied');
  }
  const client = (reached: Reached) => ({
    createTable: ({ abortSignal }: Asked) => reached(() => {}, abortSignal),
    createEntity: (entity: Entity, { abortSignal }: Asked) =>
      reached(() => (rows.has(at(entity)) ? refuse('EntityAlreadyExists') : put(entity)), abortSignal),
    updateEntity: (entity: Entity, _how: string, { etag, abortSignal }: Asked) =>
      reached(() => requireRow(entity, etag) && put(entity), abortSignal),
    deleteEntity: (partitionKey: string, rowKey: string, { etag, abortSignal }: Asked) =>
      reached(() => {
        requireRow({ partitionKey, rowKey }, etag);
        rows.delete(at({ partitionKey, rowKey }));
      }, abortSignal),
    getEntity: (partitionKey: string, rowKey: string, { abortSignal }: Asked) =>
      reached(() => requireRow({ partitionKey, rowKey }), abortSignal),
  });
  return { client };
}
