/** Files on their way in, and those that were shared. */

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly content: Buffer;
}

export type FileStore = ReturnType<typeof createFileStore>;

export function createFileStore() {
  const files = new Map<string, StoredFile>();
  return {
    announce(name: string): string {
      const id = `F0${(files.size + 1).toString().padStart(6, '0')}`;
      files.set(id, { id, name, title: name, content: Buffer.alloc(0) });
      return id;
    },
    find: (id: string): StoredFile | undefined => files.get(id),
    change(id: string, change: Partial<StoredFile>): void {
      const known = files.get(id);
      if (known !== undefined) files.set(id, { ...known, ...change });
    },
  };
}

/** The file within a form, or the whole body when it is none. */
export function fileContent(body: Buffer, contentType: string): Buffer {
  const boundary = /boundary=(?:"([^"]+)"|([^;]+))/.exec(contentType);
  if (!contentType.startsWith('multipart/') || boundary === null) return body;
  const start = body.indexOf('\r\n\r\n');
  const end = body.lastIndexOf(`\r\n--${boundary[1] ?? boundary[2]}`);
  return start < 0 || end < start ? body : body.subarray(start + 4, end);
}
