/** files.*: the two-step upload, and what becomes of it. https://docs.slack.dev/messaging/working-with-files */
import { type Method, ownChannel, refuse, text } from '../method.ts';
import { BOT } from '../workspace.ts';

export const getUploadUrl: Method = (args, { files, base }) => {
  const [name, length] = [text(args['filename']), Number(args['length'])];
  if (name === '' || !(length > 0)) return refuse('invalid_arguments');
  const id = files.announce(name);
  return { ok: true, file_id: id, upload_url: `${base()}/upload/${id}` };
};

export const completeUpload: Method = (args, world) => {
  const { files, workspace, base } = world;
  const listed = (Array.isArray(args['files']) ? args['files'] : []) as { id: string; title?: string }[];
  const stored = listed.map(({ id, title }) => {
    if (title !== undefined) files.change(id, { title });
    return files.find(id);
  });
  if (stored.length === 0 || stored.some((file) => file === undefined || file.content.length === 0))
    return refuse('file_not_found');
  const shown = stored
    .filter((file) => file !== undefined)
    .map(({ id, name, title, content }) => ({
      id,
      name,
      title,
      size: content.length,
      url: `${base()}/files/${id}/${encodeURIComponent(name)}`,
    }));
  if (text(args['channel_id']) !== '') {
    const channel = ownChannel(args['channel_id'], world);
    if (typeof channel === 'string') return refuse(channel);
    const thread = text(args['thread_ts']) || null;
    const said = text(args['initial_comment']);
    workspace.post({ channel: channel.id, thread, user: BOT.user, text: said, blocks: [], files: shown });
  }
  return { ok: true, files: shown.map(({ id, title, name }) => ({ id, title, name })) };
};

export const filesInfo: Method = (args, { files, base }) => {
  const file = files.find(text(args['file']));
  if (file === undefined) return refuse('file_not_found');
  const { id, name, title, content } = file;
  return {
    ok: true,
    file: { id, name, title, size: content.length, url_private: `${base()}/files/${id}/${encodeURIComponent(name)}` },
  };
};
